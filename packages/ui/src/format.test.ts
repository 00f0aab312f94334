/** Times of an event are read by people in other zones and in two languages. */
import { describe, expect, test } from 'vitest'
import { countdown, createFormat, span } from './format.ts'

const at = Date.UTC(2026, 10, 20, 0, 5, 31) // 09:05:31 in Seoul

describe('times', () => {
  test('are those of the event and not of the reader', () => {
    expect(createFormat('en', 'Asia/Seoul').time(at)).toBe('09:05')
    expect(createFormat('ko', 'Asia/Seoul').timeSec(at)).toBe('09:05:31')
    expect(createFormat('en', 'America/New_York').time(at)).toBe('19:05')
  })

  test('midnight is 00 and never 24', () => {
    expect(createFormat('en', 'UTC').time(Date.UTC(2026, 0, 1, 0, 0))).toBe('00:00')
    expect(createFormat('ko', 'UTC').time(Date.UTC(2026, 0, 1, 0, 0))).toBe('00:00')
  })

  test('another day is named', () => {
    expect(createFormat('en', 'Asia/Seoul').when(at - 86_400_000, at)).toBe('19 Nov 09:05')
    expect(createFormat('en', 'Asia/Seoul').when(at - 60_000, at)).toBe('09:04')
  })

  test('the zone is named only when the reader sees another time', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    expect(createFormat('en', own).zone(at)).toBeUndefined()
    const other = own === 'Asia/Seoul' ? 'America/New_York' : 'Asia/Seoul'
    expect(createFormat('en', other).zone(at)).toMatch(/GMT|EST/)
  })

  test('an unknown zone still shows a time', () => {
    expect(createFormat('en', 'Mars/Olympus').time(at)).toMatch(/^\d\d:\d\d$/)
  })
})

describe('spans', () => {
  test.each([
    [0, '0 s', '0초'],
    [9_400, '9 s', '9초'],
    [190_000, '3 min 10 s', '3분 10초'],
    [180_000, '3 min', '3분'],
    [7_500_000, '2 h 5 min', '2시간 5분'],
    [90_000_000, '1 d 1 h', '1일 1시간'],
    [-5, '0 s', '0초'],
  ])('%i ms in both languages', (ms, en, ko) => {
    expect(span(ms, 'en')).toBe(en)
    expect(span(ms, 'ko')).toBe(ko)
  })

  test('a countdown never shows less than zero and rounds up, so that 0:00 means over', () => {
    expect([28_000, 27_001, 1, 0, -10].map(countdown)).toEqual(['0:28', '0:28', '0:01', '0:00', '0:00'])
    expect(countdown(250_000)).toBe('4:10')
    expect(countdown(3_850_000)).toBe('1:04:10')
  })
})
