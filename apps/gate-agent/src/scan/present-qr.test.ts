import type { EventId } from '@gatehouse/domain'
import { encodeTicket, privateKeyFromSeed, pseudonym, rawPublicKey } from '@gatehouse/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { presentQr, type QrKnowledge } from './present-qr.ts'

const event = '01990000-0000-7000-8000-00000000e001' as EventId
const key = privateKeyFromSeed('11'.repeat(32))
const stranger = privateKeyFromSeed('22'.repeat(32))
const pepper = Buffer.from('aa'.repeat(32), 'hex')
const publicKey = Buffer.from(rawPublicKey(key)).toString('base64')
const known: QrKnowledge = { event, pepper, ticketKeys: [{ id: 1, publicKey }], at: 1_000 }
const fields = { keyId: 1, eventId: event, ticket: 'ab'.repeat(10), class: 3, flags: 0x10, notBefore: 7, notAfter: 9 }
const otherEvent = event.replace('e001', 'e002')
const ticket = encodeTicket(fields, key)

test('a signed ticket is presented as its pseudonym, with what it says about itself', () => {
  expect(presentQr(ticket, known)).toEqual({
    kind: 'credential',
    of: 'qr',
    key: pseudonym(pepper, 'qr', 'ab'.repeat(10)),
    signed: { keyId: 1, class: 3, staff: true, notBefore: 7, notAfter: 9 },
  })
})

test('the line end that a hand scanner adds changes nothing', () => {
  expect(presentQr(`${ticket}\r\n`, known)).toEqual(presentQr(ticket, known))
})

test.each([
  ['signed by a stranger', encodeTicket(fields, stranger), 'bad-signature'],
  ['signed with a key nobody knows', encodeTicket({ ...fields, keyId: 2 }, key), 'unknown-key'],
  ['of another event', encodeTicket({ ...fields, eventId: otherEvent }, key), 'other-event'],
  [
    'of another event with keys of its own',
    encodeTicket({ ...fields, keyId: 9, eventId: otherEvent }, stranger),
    'other-event',
  ],
  ['of another event under our key number', encodeTicket({ ...fields, eventId: otherEvent }, stranger), 'other-event'],
  ['in lower case', ticket.toLowerCase(), 'unreadable'],
  ['with something behind it', `${ticket}A`, 'unreadable'],
  ['empty', '', 'unreadable'],
  ['of three thousand characters', 'A'.repeat(3_000), 'unreadable'],
  ['binary', '\0\u0001\uFFFD'.repeat(20), 'unreadable'],
  ['a word in Korean', '입장권입니다입장권입니다입장권', 'unreadable'],
])('a ticket that is %s is refused by name', (_what, text, why) => {
  expect(presentQr(text, known)).toEqual({ kind: 'unreadable', why })
})

test('one changed letter anywhere in a ticket is never accepted', () => {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  fc.assert(
    fc.property(fc.integer({ min: 4, max: ticket.length - 1 }), fc.constantFrom(...letters.split('')), (at, letter) => {
      fc.pre(ticket[at] !== letter)
      const forged = ticket.slice(0, at) + letter + ticket.slice(at + 1)
      expect(presentQr(forged, known).kind).toBe('unreadable')
    }),
    { numRuns: 300 },
  )
})

test('a key that was taken out of use is known until its time is over', () => {
  const retired = (at: number) => ({ ...known, ticketKeys: [{ id: 1, publicKey, notAfter: 500 }], at })
  expect(presentQr(ticket, retired(500)).kind).toBe('credential')
  expect(presentQr(ticket, retired(501))).toEqual({ kind: 'unreadable', why: 'unknown-key' })
})

test('before any rules have arrived a ticket cannot be verified, and counts as unsigned', () => {
  const presented = presentQr(ticket, { ...known, ticketKeys: undefined })
  expect(presented).toEqual({ kind: 'credential', of: 'qr', key: pseudonym(pepper, 'qr', 'ab'.repeat(10)) })
})

test('a key in the rules that is no key is like one that is not there', () => {
  const broken = { ...known, ticketKeys: [{ id: 1, publicKey: 'AAAA' }] }
  expect(presentQr(ticket, broken)).toEqual({ kind: 'unreadable', why: 'unknown-key' })
})

test('the token of another ticket shop is looked up by its pseudonym only', () => {
  const token = 'SHOP-2026-ABCDEF-0001'
  expect(presentQr(token, known)).toEqual({ kind: 'credential', of: 'qr', key: pseudonym(pepper, 'qr', token) })
})

test('nothing that can be scanned makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 300, unit: 'binary' }),
        fc.string(),
        fc.string().map((text) => `GT1:${text}`),
      ),
      (text) => {
        expect(['credential', 'unreadable']).toContain(presentQr(text, known).kind)
      },
    ),
  )
})
