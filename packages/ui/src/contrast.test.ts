/**
 * An answer is read from a metre away in bright sun, so its word keeps 7:1 against what it stands on. Computed from the style sheet
 * that the pages really use, in light and in dark.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Meaning } from './meaning.ts'

const sheet = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const [lightText = '', darkText = ''] = sheet.split('@media (prefers-color-scheme: dark)')

function tokens(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  )
}

const light = tokens(lightText)
const themes = { light, dark: { ...light, ...tokens(darkText) } }
const meanings: readonly Meaning[] = ['admit', 'look', 'already', 'ask', 'deny', 'exit']

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16) / 255)
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one = '', other = ''): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

describe.each(Object.entries(themes))('%s theme', (_name, theme) => {
  test.each(meanings)('the word for %s is readable on its colour and on the page', (meaning) => {
    expect(contrast(theme[`${meaning}-on`], theme[`${meaning}-fill`])).toBeGreaterThanOrEqual(7)
    expect(contrast(theme[`${meaning}-ink`], theme.surface)).toBeGreaterThanOrEqual(7)
    expect(contrast(theme[`${meaning}-ink`], theme.page)).toBeGreaterThanOrEqual(6.5)
  })

  test('text and accent are readable on every ground', () => {
    for (const ground of ['page', 'surface', 'sunken']) {
      expect(contrast(theme.ink, theme[ground])).toBeGreaterThanOrEqual(7)
      expect(contrast(theme['soft-ink'], theme[ground])).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(theme['on-accent'], theme.accent)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(theme.accent, theme.page)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(theme['strong-line'], theme.surface)).toBeGreaterThanOrEqual(3)
  })
})
