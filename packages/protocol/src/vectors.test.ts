/** The worked examples of an independent implementation: if one of these fails, we speak another protocol. */
import { expect, test } from 'vitest'
import { keyHex, vectors } from '../test-fixtures.ts'
import {
  addRow,
  bucketsToHex,
  canonicalJson,
  chainHash,
  classifyQrText,
  decodeFeedPage,
  decodeTicket,
  emptyBuckets,
  encodeBulk,
  encodeRollingBadge,
  encodeTicket,
  eventTag,
  fromHex,
  GENESIS,
  parseAdvertisement,
  parseJournalLine,
  parseRosterLine,
  privateKeyFromSeed,
  pseudonym,
  publicKeyFromRaw,
  rawPublicKey,
  rollingId,
  rollingStep,
  rootOf,
  signHead,
  toHex,
  verifyDownlink,
  verifyHead,
  verifyTicket,
} from './index.ts'

const pepper = fromHex(keyHex('pepperHex'))

test('journal lines chain to the heads of the vectors', () => {
  let hash = GENESIS
  const heads = vectors.journal.lines.map((line) => toHex((hash = chainHash(hash, line))))
  expect(heads).toEqual(vectors.journal.heads)
})

test('journal lines of the vectors are facts', () => {
  for (const line of vectors.journal.lines)
    expect(parseJournalLine(line)).toEqual({ ok: true, value: JSON.parse(line) })
})

test('a head is signed and verified as in the vectors', () => {
  const { heads, sig } = vectors.journal
  expect(signHead(privateKeyFromSeed(keyHex('gatePrivateSeedHex')), vectors.epoch, 3, heads[2])).toBe(sig)
  const key = publicKeyFromRaw(keyHex('gatePublicRawHex'))
  expect(verifyHead(key, vectors.epoch, 3, heads[2], sig)).toBe(true)
  expect(verifyHead(key, vectors.epoch, 2, heads[2], sig)).toBe(false)
  expect(verifyHead(key, vectors.epoch, 3, heads[1], sig)).toBe(false)
  expect(verifyHead(publicKeyFromRaw(keyHex('ticketPublicRawHex')), vectors.epoch, 3, heads[2], sig)).toBe(false)
})

test('raw keys and seeds belong together', () => {
  expect(toHex(rawPublicKey(privateKeyFromSeed(keyHex('ticketPrivateSeedHex'))))).toBe(keyHex('ticketPublicRawHex'))
  expect(toHex(rawPublicKey(publicKeyFromRaw(keyHex('gatePublicRawHex'))))).toBe(keyHex('gatePublicRawHex'))
})

test('the roster page of the vectors is genuine, on its own topic only', () => {
  const key = publicKeyFromRaw(keyHex('downlinkPublicRawHex'))
  const { topic, header, lines } = vectors.roster
  const bytes = encodeBulk(header, lines)
  expect(decodeFeedPage(key, topic, bytes)).toEqual({ ok: true, value: { header, lines } })
  expect(decodeFeedPage(key, topic.replace('roster', 'presence'), bytes)).toMatchObject({ code: 'GH-WIRE-011' })
  expect(decodeFeedPage(key, topic, encodeBulk(header, lines.slice(1)))).toMatchObject({ code: 'GH-WIRE-010' })
  expect(verifyDownlink(key, topic, { ...header, extra: 1 })).toBe(false)
})

test('the set hash of the vectors is reached, bucket by bucket', () => {
  const buckets = emptyBuckets()
  for (const line of vectors.roster.lines) {
    const row = parseRosterLine(line)
    if (!row.ok) throw new Error(row.detail)
    expect(canonicalJson(row.value)).toBe(line)
    addRow(buckets, row.value.kind, row.value.id, line)
  }
  expect(rootOf(buckets)).toBe(vectors.roster.root)
  const nonZero = bucketsToHex(buckets).flatMap((value, index) => (/^0+$/.test(value) ? [] : [[String(index), value]]))
  expect(Object.fromEntries(nonZero)).toEqual(vectors.roster.nonZeroBuckets)
})

test('the ticket of the vectors is written and read byte for byte', () => {
  const { text, bodyHex, ticketHex, keyId, flags, notBefore, notAfter, class: ticketClass } = vectors.ticket
  const fields = { keyId, eventId: vectors.event, ticket: ticketHex, class: ticketClass, flags, notBefore, notAfter }
  expect(encodeTicket(fields, privateKeyFromSeed(keyHex('ticketPrivateSeedHex')))).toBe(text)
  const ticket = decodeTicket(text)
  if (!ticket.ok) throw new Error(ticket.detail)
  expect(toHex(ticket.value.body)).toBe(bodyHex)
  expect(ticket.value).toMatchObject({ keyId, eventTag: eventTag(vectors.event), ticket: ticketHex, staff: true })
  expect(ticket.value).toMatchObject({ class: ticketClass, flags, notBefore, notAfter })
  expect(verifyTicket(ticket.value, publicKeyFromRaw(keyHex('ticketPublicRawHex')))).toBe(true)
  expect(verifyTicket(ticket.value, publicKeyFromRaw(keyHex('gatePublicRawHex')))).toBe(false)
  expect(classifyQrText(`${text}\r\n`)).toEqual({ kind: 'gt1', ticket: ticket.value })
})

test('pseudonyms are those of the vectors', () => {
  expect(pseudonym(pepper, 'qr', vectors.ticket.ticketHex)).toBe(vectors.ticket.pseudonym)
  expect(pseudonym(pepper, 'badge', vectors.badges[0].canonical)).toBe(vectors.badges[0].pseudonym)
})

test('the rolling badge of the vectors has the id it should have at that time', () => {
  const { badgeNumber, unixSec, idHex, manufacturerDataHex } = vectors.badges[1]
  expect(rollingId(fromHex(keyHex('badgeKeyHex')), badgeNumber, rollingStep(unixSec))).toBe(idHex)
  const advertisement = encodeRollingBadge(idHex)
  expect(toHex(advertisement)).toContain(manufacturerDataHex)
  expect(parseAdvertisement(advertisement)).toEqual({ format: 'rolling', rollingId: idHex })
})
