/** Frozen messages: each is read and written again to the very same bytes, and each bad one is refused with its code. */
import { expect, test } from 'vitest'
import { golden, goldenNames, refused, testKeys, vectors } from '../test-fixtures.ts'
import {
  chainHash,
  decodeBulk,
  decodeFeedPage,
  decodeTicket,
  downTopic,
  encodeBulk,
  feedTopic,
  fromHex,
  type Input,
  type Parsed,
  parseAck,
  parseCommand,
  parseCommandResult,
  parseDesired,
  parseFeedHeader,
  parseHello,
  parseJournalHeader,
  parseJournalLine,
  parsePresenceLine,
  parseReported,
  parseRosterLine,
  parseStatus,
  parseSyncRequest,
  publicKeyFromRaw,
  toHex,
  verifyDownlink,
} from './index.ts'

const small: Readonly<Record<string, (input: Input) => Parsed<object>>> = {
  hello: parseHello,
  ack: parseAck,
  sync: parseSyncRequest,
  status: parseStatus,
  desired: parseDesired,
  reported: parseReported,
  command: parseCommand,
  result: parseCommandResult,
}
const lines: Readonly<Record<string, (text: string) => Parsed<object>>> = {
  journal: parseJournalLine,
  roster: parseRosterLine,
  presence: parsePresenceLine,
}
const parsers: Readonly<Record<string, (text: string) => Parsed<unknown>>> = {
  ...small,
  'journal-line': parseJournalLine,
  'roster-line': parseRosterLine,
  'presence-line': parsePresenceLine,
  'journal-header': parseJournalHeader,
  'feed-header': parseFeedHeader,
  bulk: (text) => decodeBulk(new TextEncoder().encode(text)),
  ticket: decodeTicket,
}

function must<T>(parsed: Parsed<T> | undefined): T {
  if (!parsed?.ok) throw new Error(parsed?.detail ?? 'no parser')
  return parsed.value
}

function messageOf(file: string): string {
  return file.split(/[-.]/)[0] ?? ''
}

test.each(goldenNames.filter((name) => name.endsWith('.json')))('%s is read and written again unchanged', (name) => {
  const bytes = golden(name)
  const value = must(small[messageOf(name)]?.(bytes))
  expect(new TextEncoder().encode(JSON.stringify(value))).toEqual(bytes)
})

test.each(goldenNames.filter((name) => name.endsWith('.txt')))('%s is read and written again unchanged', (name) => {
  const bytes = golden(name)
  const bulk = must(decodeBulk(bytes))
  const header = must<object>(
    name.startsWith('journal') ? parseJournalHeader(bulk.header) : parseFeedHeader(bulk.header),
  )
  const parse = lines[messageOf(name)]
  const again = bulk.lines.map((line) => must(parse?.(line))).map((value) => JSON.stringify(value))
  expect(encodeBulk(header, again)).toEqual(bytes)
})

test('every message of the protocol has a golden one', () => {
  const seen = new Set(goldenNames.map(messageOf))
  expect([...seen].sort()).toEqual([...new Set([...Object.keys(small), ...Object.keys(lines)])].sort())
})

test('every kind of journal line is among the golden ones', () => {
  const kinds = must(decodeBulk(golden('journal-backlog.txt'))).lines.map((line) => must(parseJournalLine(line)).kind)
  expect(new Set(kinds)).toEqual(new Set(['decision', 'undo', 'passage', 'door', 'staff', 'system']))
})

test('golden journal batches chain from prev to head', () => {
  for (const name of ['journal-live.txt', 'journal-backlog.txt']) {
    const bulk = must(decodeBulk(golden(name)))
    const header = must(parseJournalHeader(bulk.header))
    const head = bulk.lines.reduce((hash, line) => chainHash(hash, line), fromHex(header.prev))
    expect(toHex(head)).toBe(header.head)
  }
})

test('golden feed pages, desired and command are genuine on their topic', () => {
  const key = publicKeyFromRaw(testKeys.downlinkPublicRawHex)
  const { org, event, gate } = vectors
  expect(decodeFeedPage(key, feedTopic(org, event, 'presence'), golden('presence.txt')).ok).toBe(true)
  expect(decodeFeedPage(key, feedTopic(org, event, 'roster'), golden('roster-changes.txt')).ok).toBe(true)
  expect(decodeFeedPage(key, downTopic(org, gate, 'feed'), golden('roster-snapshot.txt')).ok).toBe(true)
  expect(decodeFeedPage(key, downTopic(org, gate, 'feed'), golden('roster-buckets.txt')).ok).toBe(true)
  expect(verifyDownlink(key, downTopic(org, gate, 'desired'), must(parseDesired(golden('desired.json'))))).toBe(true)
  expect(verifyDownlink(key, downTopic(org, gate, 'command'), must(parseCommand(golden('command.json'))))).toBe(true)
  expect(verifyDownlink(key, downTopic(org, gate, 'desired'), must(parseCommand(golden('command.json'))))).toBe(false)
})

test.each(refused)('$parser: $title is refused with $code', ({ parser, text, code }) => {
  expect(parsers[parser]?.(text)).toMatchObject({ ok: false, code })
})

test('unknown fields are kept and do no harm', () => {
  const hello = JSON.parse(new TextDecoder().decode(golden('hello.json')))
  const value = { ...hello, mood: 'good', more: { of: ['it'] } }
  expect(parseHello(JSON.stringify(value))).toEqual({ ok: true, value })
})

test('details name the place and not the content', () => {
  const answer = parseJournalLine(vectors.journal.lines[0].replace('"lane":"a"', '"lane":["Zoë Kim"]'))
  expect(answer).toMatchObject({ ok: false, detail: expect.stringContaining('/lane') })
  expect(JSON.stringify(answer)).not.toContain('Kim')
})
