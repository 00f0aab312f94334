/**
 * From what a radio hears to "this badge is at the gate". Advertisements become credentials, strength becomes nearness by the
 * domain's rule, and each badge that comes near is handed on once. Foreign beacons (a phone, a shop next door) are no readings:
 * only badges that the roster knows, and rolling badges of this event, count.
 */
import {
  type CredentialKey,
  coolDown,
  createProximity,
  evaluateTick,
  hear,
  type ProximitySettings,
} from '@gatehouse/domain'
import type { Advertisement } from '@gatehouse/drivers'
import {
  createRollingIndex,
  parseAdvertisement,
  pseudonym,
  type RollingIndex,
  rollingCanonical,
} from '@gatehouse/protocol'
import type { Clock } from '@gatehouse/runtime'

export interface BadgeNumbers {
  readonly first: number
  readonly last: number
}

export interface BadgeWatchSettings {
  readonly pepper: Uint8Array
  readonly badgeKey: Uint8Array
  readonly proximity: Partial<ProximitySettings>
  /** Numbers of the event's rolling badges, from its rules. */
  readonly rollingBadges: () => BadgeNumbers | undefined
  readonly isKnown: (key: CredentialKey) => boolean
  readonly onNear: (key: CredentialKey, rssi: number) => void
  readonly clock: Pick<Clock, 'now' | 'monoMs'>
}

export interface BadgeWatch {
  hear(advertisement: Advertisement): void
  /** Computes a portion of the ids that rolling badges will send; true when none is missing. */
  learn(): boolean
  /** To be called every 500 ms. */
  tick(): void
  /** After an admission: the badge makes no further reading for a while. */
  admitted(key: CredentialKey): void
  counts(): { readonly sightings: number; readonly notBadges: number; readonly foreign: number }
}

/** Ids computed at once, and badges an index may hold: a badge number range is data from outside. */
const PORTION = 500
const MOST_BADGES = 200_000
/** Fixed credentials whose pseudonym is remembered; the same few hundred badges are heard ten times a second. */
const KEPT = 5_000

export function createBadgeWatch(settings: BadgeWatchSettings): BadgeWatch {
  const { clock } = settings
  const proximity = createProximity(settings.proximity)
  const keys = new Map<string, CredentialKey>()
  const rolling = createRollingBadges(settings)
  const tally = { sightings: 0, notBadges: 0, foreign: 0 }

  function keyOf(canonical: string): CredentialKey {
    const kept = keys.get(canonical)
    if (kept) return kept
    if (keys.size >= KEPT) keys.clear()
    const key = pseudonym(settings.pepper, 'badge', canonical)
    keys.set(canonical, key)
    return key
  }

  function ownerOf(ad: Uint8Array): CredentialKey | undefined {
    const badge = parseAdvertisement(ad)
    if (!badge) {
      tally.notBadges += 1
      return undefined
    }
    const own = badge.format === 'rolling' ? rolling.resolve(badge.rollingId) : keyOf(badge.canonical)
    const isOurs = own !== undefined && (badge.format === 'rolling' || settings.isKnown(own))
    if (!isOurs) tally.foreign += 1
    return isOurs ? own : undefined
  }

  return {
    hear({ ad, rssi }) {
      const key = ownerOf(ad)
      if (!key) return
      tally.sightings += 1
      hear(proximity, { key, rssi }, clock.monoMs())
    },
    learn: () => rolling.advance(clock.now() / 1000),
    tick() {
      const { near } = evaluateTick(proximity, clock.monoMs())
      for (const { key, rssi } of near) settings.onNear(key, rssi)
    },
    admitted: (key) => coolDown(proximity, key, clock.monoMs()),
    counts: () => ({ ...tally }),
  }
}

/** The index of rolling ids, made anew when the organizer changes the range of badge numbers. */
function createRollingBadges({ pepper, badgeKey, rollingBadges }: BadgeWatchSettings) {
  let range: BadgeNumbers | undefined
  let index: RollingIndex<CredentialKey> | undefined

  function* owners({ first, last }: BadgeNumbers): Generator<readonly [number, CredentialKey]> {
    const until = Math.min(last, first + MOST_BADGES - 1)
    for (let number = first; number <= until; number += 1) {
      yield [number, pseudonym(pepper, 'badge', rollingCanonical(number))]
    }
  }

  return {
    resolve: (id: string) => index?.resolve(id),
    advance(unixSec: number): boolean {
      const wanted = rollingBadges()
      if (wanted?.first !== range?.first || wanted?.last !== range?.last) {
        range = wanted
        index = wanted && createRollingIndex({ badgeKey, badges: owners(wanted) })
      }
      return index?.advance(unixSec, PORTION) ?? true
    },
  }
}
