/**
 * From what a radio hears to "this badge is at the gate". Strength jumps by ten decibels from one advertisement to the next, so
 * a badge is near only when the 75th percentile of two seconds is strong twice in a row, and gone only well below that; after
 * an answer it is left alone for a while. Time comes in as monotonic ms; memory is bounded, the longest unheard go first.
 *
 *   far ──(p75 ≥ near, 2 evaluations)──► near ──(p75 < near − 8 dB for 3 s, or 5 s of silence)──► far
 */
import type { CredentialKey } from './ids.ts'

export interface ProximitySettings {
  /** p75 at which a badge counts as being at the gate, dBm; calibrated for each gate. */
  readonly thresholdDb: number
  readonly hysteresisDb: number
  readonly windowMs: number
  readonly samplesAtLeast: number
  readonly evaluationsInARow: number
  readonly weakForMs: number
  readonly silentForMs: number
  readonly coolDownMs: number
  readonly badgesAtMost: number
}

export const proximityDefaults: ProximitySettings = {
  thresholdDb: -62,
  hysteresisDb: 8,
  windowMs: 2000,
  samplesAtLeast: 3,
  evaluationsInARow: 2,
  weakForMs: 3000,
  silentForMs: 5000,
  coolDownMs: 300_000,
  badgesAtMost: 5000,
}

export interface Sighting {
  readonly key: CredentialKey
  /** dBm; 127 is the radio's word for "not measured". */
  readonly rssi: number
}

interface Sample {
  readonly at: number
  readonly rssi: number
}

interface Badge {
  readonly samples: Sample[]
  isNear: boolean
  strongInARow: number
  weakSince?: number | undefined
  lastHeardAt: number
}

/** Belongs to one lane's loop; only the functions below change it. */
export interface Proximity {
  readonly settings: ProximitySettings
  readonly badges: Map<CredentialKey, Badge>
  readonly coolUntil: Map<CredentialKey, number>
}

export interface Arrival {
  readonly key: CredentialKey
  /** The p75 that made it near, dBm. */
  readonly rssi: number
}

export interface Evaluated {
  /** Came near at this evaluation and is not cooling down: each is one reading. */
  readonly near: readonly Arrival[]
  readonly left: readonly CredentialKey[]
}

/** More than this in one window say nothing new. */
const samplesKept = 64
const strongestPossibleDb = 20

export function createProximity(settings: Partial<ProximitySettings> = {}): Proximity {
  return { settings: { ...proximityDefaults, ...settings }, badges: new Map(), coolUntil: new Map() }
}

function makeRoom(entries: Map<CredentialKey, unknown>, atMost: number): void {
  for (const key of entries.keys()) {
    if (entries.size < atMost) return
    entries.delete(key)
  }
}

/** Takes one sighting in. Costs the same however many badges are known. */
export function hear(state: Proximity, { key, rssi }: Sighting, now: number): void {
  if (!Number.isFinite(rssi) || rssi > strongestPossibleDb) return
  const badge: Badge = state.badges.get(key) ?? { samples: [], isNear: false, strongInARow: 0, lastHeardAt: now }
  // Taken out and put back at the end: a Map remembers the order, and the first one is the longest unheard.
  state.badges.delete(key)
  makeRoom(state.badges, state.settings.badgesAtMost)
  state.badges.set(key, badge)
  badge.lastHeardAt = now
  badge.samples.push({ at: now, rssi })
  if (badge.samples.length > samplesKept) badge.samples.shift()
}

/** Nearest rank: of three samples the strongest, of four the second strongest. Undefined for none. */
export function percentile75(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.75) - 1]
}

function strengthOf({ samples }: Badge, { windowMs }: ProximitySettings, now: number): number | undefined {
  while (samples[0] !== undefined && now - samples[0].at > windowMs) samples.shift()
  return percentile75(samples.map(({ rssi }) => rssi))
}

function isEntering(badge: Badge, strength: number | undefined, settings: ProximitySettings): boolean {
  const isStrong =
    strength !== undefined && badge.samples.length >= settings.samplesAtLeast && strength >= settings.thresholdDb
  badge.strongInARow = isStrong ? badge.strongInARow + 1 : 0
  return badge.strongInARow >= settings.evaluationsInARow
}

function isLeaving(badge: Badge, strength: number | undefined, settings: ProximitySettings, now: number): boolean {
  const isWeak = strength !== undefined && strength < settings.thresholdDb - settings.hysteresisDb
  if (strength !== undefined) badge.weakSince = isWeak ? (badge.weakSince ?? now) : undefined
  return badge.weakSince !== undefined && now - badge.weakSince >= settings.weakForMs
}

function forgetCooled(state: Proximity, now: number): void {
  for (const [key, until] of state.coolUntil) if (until <= now) state.coolUntil.delete(key)
}

/** To be called every 500 ms. Who comes near while cooling down has been answered: they must step away and come again. */
export function evaluateTick(state: Proximity, now: number): Evaluated {
  const { settings } = state
  const near: Arrival[] = []
  const left: CredentialKey[] = []
  forgetCooled(state, now)
  for (const [key, badge] of state.badges) {
    const strength = strengthOf(badge, settings, now)
    if (now - badge.lastHeardAt >= settings.silentForMs) {
      state.badges.delete(key)
      if (badge.isNear) left.push(key)
    } else if (badge.isNear) {
      if (!isLeaving(badge, strength, settings, now)) continue
      Object.assign(badge, { isNear: false, strongInARow: 0, weakSince: undefined })
      left.push(key)
    } else if (isEntering(badge, strength, settings) && strength !== undefined) {
      badge.isNear = true
      if (!state.coolUntil.has(key)) near.push({ key, rssi: strength })
    }
  }
  return { near, left }
}

/** After an admit: this badge makes no further reading for a while. */
export function coolDown(state: Proximity, key: CredentialKey, now: number): void {
  state.coolUntil.delete(key)
  makeRoom(state.coolUntil, state.settings.badgesAtMost)
  state.coolUntil.set(key, now + state.settings.coolDownMs)
}
