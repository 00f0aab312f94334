import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyHex, vectors } from '../test-fixtures.ts'
import { decodeBase32, encodeBase32 } from './base32.ts'
import {
  classifyQrText,
  decodeTicket,
  encodeTicket,
  privateKeyFromSeed,
  publicKeyFromRaw,
  toHex,
  verifyTicket,
} from './index.ts'

const privateKey = privateKeyFromSeed(keyHex('ticketPrivateSeedHex'))
const publicKey = publicKeyFromRaw(keyHex('ticketPublicRawHex'))
const { text } = vectors.ticket
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const fields = fc.record({
  keyId: fc.integer({ min: 0, max: 0xffff }),
  eventId: fc.uuid(),
  ticket: fc.uint8Array({ minLength: 10, maxLength: 10 }).map(toHex),
  class: fc.integer({ min: 0, max: 15 }),
  flags: fc.integer({ min: 0, max: 15 }).map((nibble) => nibble << 4),
  notBefore: uint32,
  notAfter: uint32,
})

test('every ticket is read back as it was written, and is 148 characters long', () => {
  fc.assert(
    fc.property(fields, ({ eventId, ...rest }) => {
      const written = encodeTicket({ eventId, ...rest }, privateKey)
      const read = decodeTicket(written)
      if (!read.ok) throw new Error(read.detail)
      expect(written).toHaveLength(148)
      expect(read.value).toMatchObject(rest)
      expect(verifyTicket(read.value, publicKey)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a ticket with any single bit changed is refused', () => {
  const bytes = decodeBase32(text.slice(4)) ?? new Uint8Array()
  for (let bit = 0; bit < 720; bit += 1) {
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const read = decodeTicket(`GT1:${encodeBase32(flipped)}`)
    expect(read.ok && verifyTicket(read.value, publicKey)).toBe(false)
  }
})

test('a ticket with any single character replaced is refused', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      (at, letter) => {
        fc.pre(letter !== text[at])
        fc.pre(!(at === text.length - 1 && /[\r\n]/.test(letter)))
        const read = decodeTicket(text.slice(0, at) + letter + text.slice(at + 1))
        expect(read.ok && verifyTicket(read.value, publicKey)).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})

test('only CR and LF may follow a ticket, and nothing may come before it', () => {
  for (const tail of ['', '\r', '\n', '\r\n', '\n\r\n']) expect(classifyQrText(text + tail).kind).toBe('gt1')
  for (const odd of [`${text} `, `${text}\t`, `${text}\0`, ` ${text}`, `\n${text}`, `${text}\r\n `]) {
    expect(classifyQrText(odd)).toMatchObject({ kind: 'unreadable' })
  }
})

test('a text of another shop is an opaque token when it is 16 to 64 printable ASCII characters', () => {
  for (const token of ['x'.repeat(16), '~'.repeat(64), 'SHOP-2025 #00017:a', 'gt1:abcdefghijkl']) {
    expect(classifyQrText(`${token}\r\n`)).toEqual({ kind: 'opaque', token })
  }
  for (const text of [
    'x'.repeat(15),
    'x'.repeat(65),
    'é'.repeat(20),
    'x'.repeat(16) + '\t',
    'GT1:ABCDEFGHJKMNPQRS',
    '',
  ]) {
    expect(classifyQrText(text).kind).toBe('unreadable')
  }
})

test('fields that do not fit into a ticket throw', () => {
  const good = { ...vectors.ticket, ticket: vectors.ticket.ticketHex, eventId: vectors.event }
  const bad = [
    { keyId: 65_536 },
    { class: 16 },
    { flags: 1 },
    { flags: 256 },
    { notBefore: -1 },
    { notAfter: 2 ** 32 },
    { ticket: 'ab' },
  ]
  for (const field of bad) expect(() => encodeTicket({ ...good, ...field }, privateKey)).toThrow(RangeError)
})

test('base32 and bytes are one to one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 60 }).map((all) => all.slice(0, all.length - (all.length % 5))),
      (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes)
      },
    ),
  )
  expect(decodeBase32('0000000')).toBeUndefined()
  expect(() => encodeBase32(new Uint8Array(4))).toThrow(RangeError)
})
