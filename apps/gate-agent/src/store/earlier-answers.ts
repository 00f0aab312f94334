/**
 * The last answers given at this gate, by participant and by credential, newest kept. The lane needs them in every decision
 * (the same ticket held a second longer, the same person within five minutes), so they are in memory and bounded; after a
 * restart the journal fills them from its newest rows.
 */
import type { CredentialKey, Earlier, ParticipantId } from '@gatehouse/domain'
import type { JournalEntry } from '@gatehouse/protocol'

export type EarlierAnswer = Omit<Earlier, 'sameCredential'> & { readonly credential?: CredentialKey }
type DecisionEntry = Extract<JournalEntry, { kind: 'decision' }>
type Numbered = { readonly order: number; readonly answer: EarlierAnswer; readonly keys: readonly string[] }

/** `order` is any number that rises with the journal; it also names the answer when it is withdrawn. */
export interface EarlierAnswers {
  note(order: number, entry: DecisionEntry): void
  withdraw(order: number): void
  last(who: { readonly participant?: ParticipantId; readonly credential?: CredentialKey }): EarlierAnswer | undefined
}

/** Keeps the answers of at most `size` people and credentials. */
export function createEarlierAnswers(size: number): EarlierAnswers {
  const byKey = new Map<string, Numbered>()

  function keep(key: string, numbered: Numbered): void {
    byKey.delete(key)
    byKey.set(key, numbered)
    if (byKey.size <= size) return
    const oldest = byKey.keys().next()
    if (!oldest.done) byKey.delete(oldest.value)
  }

  return {
    note(order, entry) {
      const numbered = { order, answer: answerOf(entry), keys: keysOf(entry) }
      for (const key of numbered.keys) keep(key, numbered)
    },
    withdraw(order) {
      for (const [key, numbered] of byKey) if (numbered.order === order) byKey.delete(key)
    },
    last(who) {
      const found = keysOf(who).flatMap((key) => byKey.get(key) ?? [])
      return found.sort((a, b) => b.order - a.order)[0]?.answer
    },
  }
}

function keysOf(who: {
  readonly participant?: string | undefined
  readonly credential?: string | undefined
}): string[] {
  const keys: string[] = []
  if (who.participant) keys.push(`p:${who.participant}`)
  if (who.credential) keys.push(`c:${who.credential}`)
  return keys
}

function answerOf(entry: DecisionEntry): EarlierAnswer {
  const { at, lane, direction, outcome, reason, rule, credential } = entry
  return {
    at,
    lane,
    direction,
    outcome,
    ...(reason === undefined ? {} : { reason: reason as NonNullable<Earlier['reason']> }),
    ...(rule === undefined ? {} : { rule }),
    ...(credential ? { credential: credential as CredentialKey } : {}),
  }
}
