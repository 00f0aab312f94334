/**
 * Keys, sessions and one-time tokens: from a secret to a caller, and nothing else. Secrets are kept as SHA-256 only. A caller is
 * remembered for a few seconds, so that a busy key costs one query now and then; a revocation takes that long at most.
 */
import type { EventId, OrgId } from '@gatehouse/domain'
import type { Clock } from '@gatehouse/runtime'
import type { Pool } from 'pg'
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
  readonly scopes: Scope[]
}

type Purpose = 'login' | 'session' | 'live'

export function createAuth(deps: { pool: Pool; clock: Clock; randomBytes: RandomBytes }): Auth {
  const { pool, clock, randomBytes } = deps
  const remembered = createRemembered<Caller>(clock, REMEMBER)

  async function store(purpose: Purpose, caller: Caller, lifeMs: number, event?: EventId) {
    const token = makeToken(randomBytes)
    const expiresAt = clock.now() + lifeMs
    await pool.query(
      `insert into auth.tokens (hash, purpose, org, event, name, scopes, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        hashSecret(token),
        purpose,
        caller.org,
        event ?? null,
        caller.name,
        caller.scopes,
        new Date(clock.now()),
        new Date(expiresAt),
      ],
    )
    return { token, expiresAt }
  }

  /** Takes a token out of use and says whose it was; two that come at once get it once. */
  async function spend(purpose: Purpose, token: string, event?: EventId): Promise<Caller | undefined> {
    if (!isToken(token)) return undefined
    const { rows } = await pool.query<TokenRow>(
      `update auth.tokens set used_at = $4
       where hash = $1 and purpose = $2 and event is not distinct from $3 and used_at is null and expires_at > $4
       returning org, name, scopes`,
      [hashSecret(token), purpose, event ?? null, new Date(clock.now())],
    )
    return rows[0] && sessionCaller(rows[0], token)
  }

  async function openSession(caller: Caller): Promise<Session> {
    const { token } = await store('session', caller, SESSION_SEC * 1000)
    return { token, lifeSec: SESSION_SEC, caller }
  }

  async function callerOfKey(key: string): Promise<Caller | undefined> {
    if (!isKey(key)) return undefined
    return remembered(hashSecret(key).toString('hex'), async () => {
      const { rows } = await pool.query<TokenRow & { id: string }>(
        `update auth.api_keys set last_used_at = $2
         where hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
         returning id, org, name, scopes`,
        [hashSecret(key), new Date(clock.now())],
      )
      return rows[0] && { ...rows[0], via: 'key' as const }
    })
  }

  async function callerOfSession(token: string): Promise<Caller | undefined> {
    if (!isToken(token)) return undefined
    return remembered(hashSecret(token).toString('hex'), async () => {
      const { rows } = await pool.query<TokenRow>(
        `select org, name, scopes from auth.tokens
         where hash = $1 and purpose = 'session' and used_at is null and expires_at > $2`,
        [hashSecret(token), new Date(clock.now())],
      )
      return rows[0] && sessionCaller(rows[0], token)
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

function sessionCaller(row: TokenRow, token: string): Caller {
  return { ...row, id: `session:${hashSecret(token).toString('hex').slice(0, 12)}`, via: 'session' }
}
