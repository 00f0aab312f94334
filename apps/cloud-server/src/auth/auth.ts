/**
 * Keys, sessions and one-time tokens: from a secret to a caller, and nothing else. Secrets are kept as SHA-256 only. A caller is
 * remembered for a few seconds, so that a busy key costs one query now and then; a revocation takes that long at most.
 */
import type { EventId, OrgId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import { and, eq, gt, isNull, or } from 'drizzle-orm'
import type { Pool } from 'pg'
import { createDrizzle } from '../db/drizzle.ts'
import { apiKeys, tokens } from '../db/tables/auth.ts'
import type { Caller, Scope } from './caller.ts'
import { hashSecret, isKey, isToken, makeToken, type RandomBytes } from './key.ts'
import { createRemembered } from './remembered.ts'

export interface Session {
  readonly token: string
  readonly lifeSec: number
  readonly caller: Caller
}

export interface Auth {
  callerOfKey(key: string): Promise<Caller | undefined>
  callerOfSession(token: string): Promise<Caller | undefined>
  signIn(key: string): Promise<Session | undefined>
  endSession(token: string): Promise<void>
  /** A token that opens the pages once, with the caller's organization and the scopes of a page. */
  makeLoginToken(caller: Caller): Promise<{ token: string; expiresAt: number }>
  exchangeLogin(token: string): Promise<Session | undefined>
  /** A ticket that opens one live WebSocket of one event. */
  makeTicket(caller: Caller, event: EventId): Promise<{ ticket: string; expiresAt: number }>
  spendTicket(ticket: string, event: EventId): Promise<Caller | undefined>
}

const SESSION_SEC = 12 * 3600
const LOGIN_MS = 24 * 3600_000
const TICKET_MS = 30_000
const REMEMBER = { forMs: 5_000, atMost: 1_000 }

interface TokenRow {
  readonly org: OrgId
  readonly name: string
  readonly scopes: readonly Scope[]
}

type Purpose = 'login' | 'session' | 'live'

/** What a token says about its owner. */
const OWNER = { org: tokens.org, name: tokens.name, scopes: tokens.scopes }

export function createAuth(deps: { pool: Pool; clock: Clock; randomBytes: RandomBytes }): Auth {
  const { clock, randomBytes } = deps
  const db = createDrizzle(deps.pool)
  const remembered = createRemembered<Caller>(clock, REMEMBER)

  async function store(purpose: Purpose, caller: Caller, lifeMs: number, event?: EventId) {
    const token = makeToken(randomBytes)
    const expiresAt = clock.now() + lifeMs
    await db.insert(tokens).values({
      hash: hashSecret(token),
      purpose,
      org: caller.org,
      event: event ?? null,
      name: caller.name,
      scopes: caller.scopes,
      createdAt: new Date(clock.now()),
      expiresAt: new Date(expiresAt),
    })
    return { token, expiresAt }
  }

  /** Takes a token out of use and says whose it was; two that come at once get it once. */
  async function spend(purpose: Purpose, token: string, event?: EventId): Promise<Caller | undefined> {
    if (!isToken(token)) return undefined
    const sameEvent = event === undefined ? isNull(tokens.event) : eq(tokens.event, event)
    const now = new Date(clock.now())
    const [owner] = await db
      .update(tokens)
      .set({ usedAt: now })
      .where(and(isGood(purpose, token, now), sameEvent))
      .returning(OWNER)
    return owner && sessionCaller(owner, token)
  }

  async function openSession(caller: Caller): Promise<Session> {
    const { token } = await store('session', caller, SESSION_SEC * 1000)
    return { token, lifeSec: SESSION_SEC, caller }
  }

  async function callerOfKey(key: string): Promise<Caller | undefined> {
    if (!isKey(key)) return undefined
    return remembered(hashSecret(key).toString('hex'), async () => {
      const now = new Date(clock.now())
      const isInForce = and(isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)))
      const [owner] = await db
        .update(apiKeys)
        .set({ lastUsedAt: now })
        .where(and(eq(apiKeys.hash, hashSecret(key)), isInForce))
        .returning({ id: apiKeys.id, org: apiKeys.org, name: apiKeys.name, scopes: apiKeys.scopes })
      return owner && { ...owner, via: 'key' as const }
    })
  }

  async function callerOfSession(token: string): Promise<Caller | undefined> {
    if (!isToken(token)) return undefined
    return remembered(hashSecret(token).toString('hex'), async () => {
      const isOpen = isGood('session', token, new Date(clock.now()))
      const [owner] = await db.select(OWNER).from(tokens).where(isOpen)
      return owner && sessionCaller(owner, token)
    })
  }

  async function signIn(key: string): Promise<Session | undefined> {
    const caller = await callerOfKey(key)
    return caller && openSession(caller)
  }

  async function exchangeLogin(token: string): Promise<Session | undefined> {
    const caller = await spend('login', token)
    return caller && openSession(caller)
  }

  return {
    callerOfKey,
    callerOfSession,
    signIn,
    exchangeLogin,
    async endSession(token) {
      remembered.forget(hashSecret(token).toString('hex'))
      await spend('session', token)
    },
    makeLoginToken: (caller) => store('login', caller, LOGIN_MS),
    async makeTicket(caller, event) {
      const { token, expiresAt } = await store('live', caller, TICKET_MS, event)
      return { ticket: token, expiresAt }
    },
    spendTicket: (ticket, event) => spend('live', ticket, event),
  }
}

/** The token is of this purpose, unused and not yet expired. */
function isGood(purpose: Purpose, token: string, now: Date) {
  const isIt = and(eq(tokens.hash, hashSecret(token)), eq(tokens.purpose, purpose))
  return and(isIt, isNull(tokens.usedAt), gt(tokens.expiresAt, now))
}

function sessionCaller(row: TokenRow, token: string): Caller {
  return { ...row, id: `session:${hashSecret(token).toString('hex').slice(0, 12)}`, via: 'session' }
}
