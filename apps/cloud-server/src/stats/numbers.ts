/**
 * Turns counters into what people ask: how fast, how full, how long to wait. Pure arithmetic; the queries are elsewhere, so every
 * figure can be tried without a database.
 */
import type { Minute, Totals } from './overview-types.ts'

export const MINUTE_MS = 60_000
/** Rates look at this many minutes. */
export const WINDOW_MIN = 5
/** Nobody believes a longer estimate, and the formula has no meaning near a full gate. */
const LONGEST_WAIT_SEC = 1_800
const FULLEST = 0.98

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0
}

/** Entries per minute over the last five minutes, the running one counted for as long as it has lasted. */
export function perMinute(minutes: readonly Minute[], now: number): number {
  const running = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const from = running - (WINDOW_MIN - 1) * MINUTE_MS
  const entries = sum(minutes.filter(({ at }) => at >= from && at <= now))
  const lastedMin = WINDOW_MIN - 1 + (now - running) / MINUTE_MS
  return Math.round((10 * entries) / lastedMin) / 10
}

/** Compares the last five full minutes with the five before; small numbers wobble and count as steady. */
export function trendOf(minutes: readonly Minute[], now: number): Totals['trend'] {
  const running = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const between = (fromMin: number, toMin: number) =>
    sum(minutes.filter(({ at }) => at >= running - fromMin * MINUTE_MS && at < running - toMin * MINUTE_MS))
  const [late, early] = [between(WINDOW_MIN, 0), between(2 * WINDOW_MIN, WINDOW_MIN)]
  if (late > early * 1.2 + 5) return 'rising'
  return early > late * 1.2 + 5 ? 'falling' : 'steady'
}

function sum(minutes: readonly Minute[]): number {
  return minutes.reduce((total, { entries }) => total + entries, 0)
}

/** [R-B2] Records of the last five minutes ÷ (capacity per minute × 5). */
export function loadOf(recordsInWindow: number, capacityPerMinute: number): number {
  return capacityPerMinute > 0 ? Math.round((100 * recordsInWindow) / (capacityPerMinute * WINDOW_MIN)) / 100 : 0
}

/**
 * Seconds until one's turn, for somebody who joins the queue now: the mean wait of a queue with random arrivals and a steady gate
 * (M/D/1), plus what an overload of the last five minutes has piled up.
 */
export function waitSecOf(load: number, capacityPerMinute: number): number {
  if (capacityPerMinute <= 0) return 0
  const served = 60 / capacityPerMinute
  const busy = Math.min(load, FULLEST)
  const steady = (busy / (2 * (1 - busy))) * served
  const piledUp = Math.max(0, load - 1) * WINDOW_MIN * 60
  return Math.min(LONGEST_WAIT_SEC, Math.round(steady + piledUp))
}
