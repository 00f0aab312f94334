/** What is so stands large, what to do next below it, in both languages. */
import { expect, test } from 'vitest'
import { answerWords, shortWord, ticketLine } from './answer-words.ts'
import type { Answer } from './gate-api.ts'

const at = Date.UTC(2026, 10, 20, 0, 30)

function anAnswer(decision: Answer['decision']): Answer {
  return { at, lane: 'A', direction: decision.direction, via: 'qr', decision }
}

const tomorrow = anAnswer({
  outcome: 'deny',
  direction: 'entry',
  reason: 'not-yet-valid',
  explanation: { needs: 'later', with: { from: Date.UTC(2026, 10, 21, 0, 0) } },
})

test('a refusal is split into what is so and the next step', () => {
  expect(answerWords(tomorrow, 'en', 'Asia/Seoul').word).toBe('Ticket is for tomorrow, 09:00')
  const other = anAnswer({ outcome: 'deny', direction: 'entry', reason: 'other-event' })
  expect(answerWords(other, 'en')).toEqual({
    meaning: 'deny',
    word: 'Ticket is for another event',
    detail: 'Please show the one for this event.',
  })
  expect(answerWords(other, 'ko').detail).toBe('이 행사의 티켓을 보여 주세요.')
})

test('where staff are asked, the large word is for the visitor and the sentence for staff', () => {
  const asked = anAnswer({ outcome: 'ask', direction: 'entry', reason: 'empty-roster' })
  expect(answerWords(asked, 'en')).toMatchObject({ meaning: 'ask', word: 'One moment' })
  expect(answerWords(asked, 'en').detail).toContain('whole list of participants')
})

test('somebody read twice at the exit has just left and was not just admitted', () => {
  expect(answerWords(anAnswer({ outcome: 'admit', direction: 'exit', repeated: true }), 'en').word).toBe('Just left')
})

test('a list has the reason in two or three words', () => {
  expect(shortWord(tomorrow, 'en')).toBe('not valid yet')
  expect(shortWord(anAnswer({ outcome: 'admit', direction: 'entry' }), 'ko')).toBe('입장')
})

test('zones and ticket types are called by their names, or by their ids where they have none', () => {
  const person = { ticketType: 'vip', zones: ['hall-a', 'loft'] }
  const event = { id: 'e', zones: [{ id: 'hall-a', name: 'Hall A' }], ticketTypes: { vip: { name: 'VIP' } } }
  expect(ticketLine(person, { event } as never)).toBe('VIP · Hall A · loft')
  expect(ticketLine(person, undefined)).toBe('vip · hall-a · loft')
})
