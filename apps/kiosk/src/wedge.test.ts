/** A scanner that types must never be mistaken for a person, nor a person for a scanner. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { charOf, type Heard, hearStroke, quietWedge } from './wedge.ts'

function type(text: string, gapMs: number, inField = true) {
  let wedge = quietWedge
  let at = 1_000
  let field = ''
  const tickets: string[] = []
  for (const char of [...Array.from(text), 'Enter']) {
    at += gapMs
    const heard: Heard = hearStroke(wedge, { char, at, inField })
    wedge = heard.wedge
    if (heard.takeBack) field = field.slice(0, -heard.takeBack)
    if (!heard.swallow && char !== 'Enter') field += char
    if (heard.ticket) tickets.push(heard.ticket)
  }
  return { field, tickets }
}

const ticket = `GT1:${'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.repeat(5).slice(0, 144)}`

describe('a hand scanner that types', () => {
  test('is heard wherever the focus is, and leaves nothing in the field', () => {
    expect(type(ticket, 3)).toEqual({ field: '', tickets: [ticket] })
    expect(type(ticket, 40, false).tickets).toEqual([ticket])
  })

  test('a person typing the same characters is not a scanner', () => {
    expect(type(ticket, 90)).toEqual({ field: ticket, tickets: [] })
  })

  test('what was in the field before stays', () => {
    let wedge = quietWedge
    const first = hearStroke(wedge, { char: 'k', at: 0, inField: true })
    wedge = first.wedge
    expect(first.swallow).toBe(false)
    const later = hearStroke(wedge, { char: 'G', at: 500, inField: true })
    expect(later.wedge.text).toBe('G')
  })

  test('a ticket of another shop is believed outside fields only', () => {
    const opaque = 'abcdef0123456789xyz'
    expect(type(opaque, 3, false).tickets).toEqual([opaque])
    expect(type(opaque, 3, true)).toEqual({ field: opaque, tickets: [] })
    expect(type('short', 3, false).tickets).toEqual([])
  })

  test('the keys are understood with a Korean input method switched on', () => {
    const keys = [
      { key: 'Process', code: 'KeyG', shiftKey: true },
      { key: 'ㅅ', code: 'KeyT', shiftKey: false },
      { key: '1', code: 'Digit1', shiftKey: false },
      { key: 'Process', code: 'Semicolon', shiftKey: true },
      { key: 'Process', code: 'Enter', shiftKey: false },
      { key: 'Shift', code: 'ShiftLeft', shiftKey: true },
    ]
    expect(keys.map(charOf)).toEqual(['G', 'T', '1', ':', 'Enter', ''])
  })

  test('no keystrokes whatever make it throw or remember without bound', () => {
    const stroke = fc.record({ char: fc.string({ maxLength: 1 }), at: fc.integer(), inField: fc.boolean() })
    fc.assert(
      fc.property(fc.array(stroke, { maxLength: 400 }), (strokes) => {
        let wedge = quietWedge
        for (const one of strokes) wedge = hearStroke(wedge, one).wedge
        expect(wedge.text.length).toBeLessThanOrEqual(200)
      }),
    )
  })
})
