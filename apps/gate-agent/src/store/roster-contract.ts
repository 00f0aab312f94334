/**
 * What every roster store promises, as tests: run on SQLite here and on the maps of the simulator there. A store that fails
 * one of these would admit somebody who was revoked, or claim to be the cloud's roster when it is not.
 */
import type { CredentialKey, EventId, GateId, ParticipantId } from '@gatehouse/domain'
import {
  addRow,
  bucketOf,
  bucketsToHex,
  canonicalJson,
  emptyBuckets,
  type ParticipantLine,
  type PresenceLine,
  type RosterLine,
  rootOf,
} from '@gatehouse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { RosterRow, RosterStore } from './ports.ts'

const event = '01990000-0000-7000-8000-00000000e001' as EventId
const gate = '01990000-0000-7000-8000-00000000a001' as GateId
const idOf = (n: number) => `01990000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as ParticipantId
const keyOf = (n: number) => n.toString(16).padStart(32, '0') as CredentialKey

export function aPerson(n: number, given: Partial<ParticipantLine> = {}): ParticipantLine {
  return {
    kind: 'participant',
    id: idOf(n),
    status: 'active',
    ticketType: 'day',
    zones: ['hall'],
    entryPolicy: 're-entry',
    credentials: [{ kind: 'qr', key: keyOf(n), status: 'active' }],
    ...given,
  }
}

function row(line: RosterLine): RosterRow {
  return { line, text: canonicalJson(line) }
}

function page(from: number, to: number, lines: readonly RosterLine[]) {
  return { from, to, lines: lines.map(row) }
}

function presenceLine(n: number, inside: boolean, zone?: string): PresenceLine {
  const base = { kind: 'presence', id: idOf(n), inside, entries: 1, lastAt: 5, lastGate: gate } as const
  return { ...base, lastDirection: inside ? 'entry' : 'exit', ...(zone === undefined ? {} : { zone }) }
}

function rootOfLines(lines: readonly RosterLine[]): string {
  const buckets = emptyBuckets()
  for (const line of lines) addRow(buckets, line.kind, line.id, canonicalJson(line))
  return rootOf(buckets)
}

const rules: RosterLine = { kind: 'rules', id: event, name: 'Expo', timeZone: 'Asia/Seoul' }

export function rosterContract(
  name: string,
  open: () => RosterStore,
  reopen?: (store: RosterStore) => RosterStore,
): void {
  describe(`roster store contract: ${name}`, () => {
    let roster: RosterStore
    beforeEach(() => {
      roster = open()
    })
    const bothWays = (look: (store: RosterStore) => void) => {
      look(roster)
      if (!reopen) return
      roster = reopen(roster)
      look(roster)
    }

    test('an empty roster stands at cursor 0 with the root of nothing', () => {
      expect([roster.cursor('roster'), roster.cursor('presence'), roster.rows()]).toEqual([0, 0, 0])
      expect(roster.root()).toBe(rootOfLines([]))
      expect(roster.rules()).toBeUndefined()
      expect(roster.inside()).toEqual({ event: 0, byZone: new Map() })
    })

    test('rows, rules, cursor and root change together', () => {
      roster.applyRoster(page(0, 3, [rules, aPerson(1), aPerson(2)]))
      bothWays((store) => {
        expect(store.cursor('roster')).toBe(3)
        expect(store.rows()).toBe(2)
        expect(store.rules()).toMatchObject({ id: event, name: 'Expo' })
        expect(store.participant(idOf(1))).toMatchObject({ id: idOf(1), ticketType: 'day' })
        expect(store.byCredential(keyOf(2))?.id).toBe(idOf(2))
        expect(store.root()).toBe(rootOfLines([rules, aPerson(1), aPerson(2)]))
      })
    })

    test('a changed row replaces the old one and a removed one is gone, credentials included', () => {
      roster.applyRoster(page(0, 2, [aPerson(1), aPerson(2)]))
      const changed = aPerson(1, { credentials: [{ kind: 'qr', key: keyOf(77), status: 'active' }] })
      roster.applyRoster(page(2, 4, [changed, { kind: 'remove', of: 'participant', id: idOf(2) }]))
      bothWays((store) => {
        expect(store.byCredential(keyOf(1))).toBeUndefined()
        expect(store.byCredential(keyOf(77))?.id).toBe(idOf(1))
        expect(store.byCredential(keyOf(2))).toBeUndefined()
        expect(store.rows()).toBe(1)
        expect(store.root()).toBe(rootOfLines([changed]))
      })
    })

    test('removing who was never there changes nothing but the cursor', () => {
      roster.applyRoster(page(0, 1, [{ kind: 'remove', of: 'participant', id: idOf(9) }]))
      expect(roster.root()).toBe(rootOfLines([]))
      expect(roster.cursor('roster')).toBe(1)
    })

    test('a credential that was handed on belongs to the person for whom it is active', () => {
      const revoked = aPerson(1, { credentials: [{ kind: 'qr', key: keyOf(5), status: 'revoked' }] })
      const active = aPerson(2, { credentials: [{ kind: 'qr', key: keyOf(5), status: 'active' }] })
      roster.applyRoster(page(0, 2, [revoked, active]))
      expect(roster.byCredential(keyOf(5))?.id).toBe(idOf(2))
    })

    test('two credentials that only begin alike are not confused', () => {
      const near = `${'0'.repeat(20)}${'f'.repeat(12)}` as CredentialKey
      const far = `${'0'.repeat(20)}${'e'.repeat(12)}` as CredentialKey
      roster.applyRoster(page(0, 1, [aPerson(1, { credentials: [{ kind: 'qr', key: near, status: 'active' }] })]))
      expect(roster.byCredential(near)?.id).toBe(idOf(1))
      expect(roster.byCredential(far)).toBeUndefined()
    })

    test('it is whole when that was said, also after it was opened again', () => {
      roster.applyRoster(page(0, 1, [aPerson(1)]))
      bothWays((store) => expect(store.isWhole()).toBe(false))
      roster.markWhole()
      bothWays((store) => expect(store.isWhole()).toBe(true))
    })

    test('a snapshot is invisible until it is finished, then it is the whole set', () => {
      roster.applyRoster(page(0, 5, [rules, aPerson(1)]))
      roster.stageSnapshot('roster', page(0, 4, [aPerson(2)]))
      roster.stageSnapshot('roster', page(4, 9, [aPerson(3)]))
      expect(roster.byCredential(keyOf(2))).toBeUndefined()
      expect(roster.rows()).toBe(1)
      roster.finishSnapshot('roster', 9)
      bothWays((store) => {
        expect(store.cursor('roster')).toBe(9)
        expect(store.rows()).toBe(2)
        expect(store.rules()).toBeUndefined()
        expect(store.byCredential(keyOf(1))).toBeUndefined()
        expect(store.root()).toBe(rootOfLines([aPerson(2), aPerson(3)]))
      })
    })

    test('a snapshot that begins again forgets what it had set aside', () => {
      roster.stageSnapshot('roster', page(0, 4, [aPerson(1)]))
      roster.dropSnapshot('roster')
      roster.stageSnapshot('roster', page(0, 2, [aPerson(2)]))
      roster.stageSnapshot('roster', page(0, 2, [aPerson(3)]))
      roster.finishSnapshot('roster', 2)
      expect(roster.rows()).toBe(1)
      expect(roster.root()).toBe(rootOfLines([aPerson(3)]))
    })

    test('a snapshot can follow a snapshot, and changes go on after it', () => {
      for (const n of [1, 2, 3]) {
        roster.stageSnapshot('roster', page(0, n, [aPerson(n)]))
        roster.finishSnapshot('roster', n)
      }
      roster.applyRoster(page(3, 4, [aPerson(4)]))
      bothWays((store) => expect(store.root()).toBe(rootOfLines([aPerson(3), aPerson(4)])))
    })

    test('repairing buckets replaces exactly their rows', () => {
      const people = Array.from({ length: 40 }, (_, n) => aPerson(n + 1))
      roster.applyRoster(page(0, 40, people))
      const bucket = bucketOf('participant', idOf(1))
      const stay = people.filter((person) => bucketOf('participant', person.id) !== bucket)
      const repaired = aPerson(1, { status: 'blocked' })
      roster.replaceBuckets([bucket], page(40, 41, [repaired]))
      bothWays((store) => {
        expect(store.root()).toBe(rootOfLines([...stay, repaired]))
        expect(store.cursor('roster')).toBe(41)
      })
      const ours = emptyBuckets()
      for (const line of [...stay, repaired]) addRow(ours, 'participant', line.id, canonicalJson(line))
      expect(roster.buckets()).toEqual(bucketsToHex(ours))
    })

    test('people inside are counted as presence changes, per zone', () => {
      const lines = [presenceLine(1, true, 'hall'), presenceLine(2, true, 'hall'), presenceLine(3, true)]
      roster.applyPresence({ from: 0, to: 3, lines })
      roster.applyPresence({ from: 3, to: 5, lines: [presenceLine(1, true, 'stage'), presenceLine(2, false)] })
      bothWays((store) => {
        expect(store.inside().event).toBe(2)
        expect(store.inside().byZone.get('stage')).toBe(1)
        expect(store.inside().byZone.get('hall') ?? 0).toBe(0)
        expect(store.presence(idOf(1))).toMatchObject({ inside: true, zone: 'stage', entries: 1 })
        expect(store.cursor('presence')).toBe(5)
        expect(store.cursor('roster')).toBe(0)
      })
    })

    test('a presence snapshot replaces who is inside', () => {
      roster.applyPresence({ from: 0, to: 1, lines: [presenceLine(1, true, 'hall')] })
      roster.stageSnapshot('presence', { from: 0, to: 7, lines: [presenceLine(2, true, 'stage')] })
      expect(roster.inside().event).toBe(1)
      roster.finishSnapshot('presence', 7)
      bothWays((store) => {
        expect(store.presence(idOf(1))).toBeUndefined()
        expect([store.inside().event, store.inside().byZone.get('stage')]).toEqual([1, 1])
      })
    })

    test('people are found by parts of their name, in any order and script', () => {
      const names = ['Kim Soyeon', '김소영', 'Sora Kim', 'José Núñez']
      roster.applyRoster(page(0, 5, [...names.map((text, n) => aPerson(n + 1, { name: text })), aPerson(9)]))
      const found = (words: string) => roster.search(words, 10).map((person) => person.name)
      expect(found('kim so')).toEqual(expect.arrayContaining(['Kim Soyeon', 'Sora Kim']))
      expect(found('소영')).toEqual(['김소영'])
      expect(found('jose nunez')).toEqual(['José Núñez'])
      expect(found('%')).toEqual([])
      expect(found('')).toEqual([])
      expect(roster.search(idOf(9), 10).map((person) => person.id)).toEqual([idOf(9)])
      expect(roster.search('kim', 1)).toHaveLength(1)
    })
  })
}
