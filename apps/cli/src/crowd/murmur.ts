/**
 * What is in the air at a gate besides the person walking through: phones, and the badges of those who stand around inside. It
 * must never admit anybody; that is why it is there.
 */
import type { Clock, Random } from '@gatehouse/runtime'
import { badgeLine, phoneLine, randomAddress } from './advertisements.ts'
import { between, type CrowdPerson, pick } from './people.ts'
import { strengthOfBystander } from './walk.ts'

const BYSTANDERS = 20
const PHONES_SHARE = 0.6

export interface MurmurSettings {
  readonly random: Random
  readonly clock: Clock
  readonly badgeKey: Uint8Array
  readonly bystanders: (count: number) => readonly CrowdPerson[]
  readonly send: (line: string) => void
}

/** About eight advertisements a second until the signal is aborted. */
export async function murmur(
  { random, clock, badgeKey, bystanders, send }: MurmurSettings,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(between(random, 60, 190), signal)
    if (signal.aborted) return
    const [at, rssi] = [clock.now(), strengthOfBystander(random)]
    const person = random() < PHONES_SHARE ? undefined : pick(random, bystanders(BYSTANDERS))
    if (person?.badgeNumber === undefined) send(phoneLine(random, at, rssi))
    else send(badgeLine(badgeKey, person.badgeNumber, { at, addr: randomAddress(random), rssi }))
  }
}
