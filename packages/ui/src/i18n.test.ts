/** Which language a page begins in. */
import { expect, test } from 'vitest'
import { chooseLang, defineWords, lang } from './i18n.ts'

test('the remembered choice wins over the browser', () => {
  expect(chooseLang('en', ['ko-KR'])).toBe('en')
  expect(chooseLang('ko', ['en-US'])).toBe('ko')
})

test('without a choice the first language that we speak is taken', () => {
  expect(chooseLang(null, ['ja-JP', 'ko', 'en'])).toBe('ko')
  expect(chooseLang(null, ['fr-FR'])).toBe('en')
  expect(chooseLang('tlh', [])).toBe('en')
})

test('words follow the language of the page, or the one asked for', () => {
  const words = defineWords({ sent: (n: number) => `${n} sent` }, { sent: (n) => `${n}건 전송` })
  lang.value = 'ko'
  expect(words().sent(2)).toBe('2건 전송')
  expect(words('en').sent(2)).toBe('2 sent')
  lang.value = 'en'
  expect(words().sent(2)).toBe('2 sent')
})
