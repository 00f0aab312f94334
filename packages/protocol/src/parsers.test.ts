/** Whatever arrives, a parser answers: arbitrary bytes, arbitrary JSON, and good messages with a few bytes changed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { golden, goldenNames, testKeys } from '../test-fixtures.ts'
import {
  bucketsFromHex,
  classifyQrText,
  decodeBulk,
  decodeFeedPage,
  decodeTicket,
  encodeBulk,
  encodeJournalLine,
  type JournalEntry,
  parseAck,
  parseAdvertisement,
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
  parseTopic,
  publicKeyFromRaw,
  verifyDownlink,
  verifyHead,
  WIRE,
} from './index.ts'

const key = publicKeyFromRaw(testKeys.downlinkPublicRawHex)
const codes = new Set<string>(Object.values(WIRE))
const parsers = {
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
  decodeBulk: (input: string | Uint8Array) =>
    decodeBulk(typeof input === 'string' ? new TextEncoder().encode(input) : input),
  decodeFeedPage: (input: string | Uint8Array) =>
    decodeFeedPage(key, 't', typeof input === 'string' ? new TextEncoder().encode(input) : input),
  decodeTicket: (input: string | Uint8Array) =>
    decodeTicket(typeof input === 'string' ? input : new TextDecoder().decode(input)),
}

function expectAnswer(answer: { ok: boolean; code?: string; detail?: string }): void {
  if (answer.ok) return
  expect(codes).toContain(answer.code)
  expect(answer.detail?.length).toBeLessThanOrEqual(200)
}

describe.each(Object.entries(parsers))('%s', (_name, parse) => {
  test('answers arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectAnswer(parse(bytes))))
  })

  test('answers arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => expectAnswer(parse(text))))
  })

  test('answers arbitrary JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => expectAnswer(parse(text))))
  })

  test('answers bombs of depth', () => {
    for (const text of [
      '['.repeat(200_000),
      '{"a":'.repeat(40_000),
      `{"v":1,"x":${'['.repeat(1500)}${']'.repeat(1500)}}`,
    ]) {
      expect(parse(text)).toMatchObject({ ok: false })
    }
  })
})

const anyParser = Object.values(parsers)
const files = goldenNames.map((name) => golden(name))
const mutation = fc.record({
  at: fc.nat(),
  byte: fc.integer({ min: 0, max: 255 }),
  how: fc.constantFrom('set', 'drop', 'add'),
})

test('every parser answers golden messages with a few bytes set, dropped or added', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.array(mutation, { minLength: 1, maxLength: 5 }), (file, mutations) => {
      const bytes = [...file]
      for (const { at, byte, how } of mutations) {
        if (how === 'set') bytes[at % bytes.length] = byte
        else bytes.splice(at % bytes.length, how === 'drop' ? 1 : 0, ...(how === 'add' ? [byte] : []))
      }
      const input = Uint8Array.from(bytes)
      for (const parse of anyParser) expectAnswer(parse(input))
      for (const line of new TextDecoder().decode(input).split('\n'))
        for (const parse of anyParser) expectAnswer(parse(line))
    }),
    { numRuns: 60 },
  )
})

test('known fields set to anything do not get a message through as something it is not', () => {
  const hello = JSON.parse(new TextDecoder().decode(golden('hello.json')))
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(hello)), fc.jsonValue(), (field, value) => {
      const answer = parseHello(JSON.stringify({ ...hello, [field]: value }))
      if (answer.ok) expect(typeof answer.value[field as keyof typeof answer.value]).toBe(typeof hello[field])
    }),
  )
})

test('topics, QR texts, advertisements and signatures take anything', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 64 }),
      fc.jsonValue(),
      (text, bytes, value) => {
        expect(parseTopic(text)).toBeUndefined()
        expect(['opaque', 'unreadable']).toContain(classifyQrText(text).kind)
        parseAdvertisement(bytes)
        expect(verifyHead(key, text, 1, text, text)).toBe(false)
        expect(verifyDownlink(key, text, { value, sig: text })).toBe(false)
      },
    ),
  )
})

test('a signature check of something that cannot be written canonically is false', () => {
  const sig = `${'A'.repeat(86)}==`
  expect(verifyDownlink(key, 't', { sig, half: '\ud800' })).toBe(false)
  expect(verifyDownlink(key, 't', { sig, not: Number.NaN })).toBe(false)
})

test('a bulk message with good lines is read back as it was written', () => {
  const line = fc
    .jsonValue({ maxDepth: 2 })
    .map((value) => JSON.stringify({ value }))
    .filter((text) => text.length < 1000)
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), fc.array(line), (header, lines) => {
      fc.pre(!Object.hasOwn(header, '__proto__'))
      const bytes = encodeBulk(header, lines)
      const bulk = decodeBulk(bytes)
      if (!bulk.ok) throw new Error(bulk.detail)
      expect(bulk.value.lines).toEqual(lines)
      expect(JSON.stringify(bulk.value.header)).toBe(JSON.stringify(header))
      expect(bytes.subarray(bytes.length - bulk.value.body.length)).toEqual(bulk.value.body)
    }),
  )
})

test('a bulk message is not built from lines that break its frame', () => {
  expect(() => encodeBulk({}, ['a\nb'])).toThrow(RangeError)
  expect(() => encodeBulk({}, [''])).toThrow(RangeError)
  expect(() => encodeBulk({}, ['가'.repeat(1400)])).toThrow(RangeError)
  expect(() => encodeBulk({}, Array(70).fill('x'.repeat(4000)))).toThrow(RangeError)
  expect(() => bucketsFromHex(['0'])).toThrow(RangeError)
})

test('an entry written with a number is the same entry when read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.nat(), fc.string({ unit: 'grapheme' }), (seq, at, note) => {
      fc.pre(!note.includes('\0'))
      const boot = '77f7823f-00fe-7490-ab61-eda3778b6d90'
      const clock = { trust: 'synced', offsetMs: -1, errorMs: 2 } as const
      const entry: JournalEntry = { at, monoMs: at, boot, clock, kind: 'undo', of: 1, staff: 's-1', note }
      const line = encodeJournalLine(seq, entry)
      expect(line).toMatch(/^\{"seq":/)
      expect(parseJournalLine(line)).toEqual({ ok: true, value: { seq, ...entry } })
    }),
  )
})
