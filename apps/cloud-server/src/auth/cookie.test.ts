// The session cookie and the question whether a request comes from our own pages.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSameOrigin, readSessionCookie, sessionCookie } from './cookie.ts'

test('the session is found among other cookies', () => {
  expect(readSessionCookie('a=1; gatehouse_session=abc; b=2')).toBe('abc')
  expect(readSessionCookie('a=1')).toBeUndefined()
  expect(readSessionCookie(undefined)).toBeUndefined()
})

test('no header makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (text) => void readSessionCookie(text)))
})

test('scripts and other sites do not get the cookie', () => {
  expect(sessionCookie('t', 60, true)).toBe(
    'gatehouse_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure',
  )
  expect(sessionCookie('t', 60, false)).not.toContain('Secure')
})

test('only the very host that was asked is our own page', () => {
  expect(isSameOrigin('https://gate.example:8080', 'gate.example:8080')).toBe(true)
  expect(isSameOrigin(undefined, 'gate.example')).toBe(true)
  for (const origin of [
    'https://evil.example',
    'null',
    'https://gate.example.evil.example',
    '',
    'https://gate.example',
  ]) {
    expect(isSameOrigin(origin, 'gate.example:8080')).toBe(false)
  }
})
