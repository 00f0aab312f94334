/**
 * A radio for tests: it hears what the test says. It keeps the promises of the port, the bounded queue included.
 */
import { createHearing } from './hearing.ts'
import type { Advertisement, BeaconSource } from './source.ts'

export interface FakeBeaconSource extends BeaconSource {
  readonly hear: (advertisement: Advertisement) => void
  /** A line as it would come over the local socket, damaged or not. */
  readonly hearLine: (line: string) => void
}

export function createFakeBeaconSource(settings: { queueSize?: number } = {}): FakeBeaconSource {
  const { hear, hearLine, deliver, counters } = createHearing(settings.queueSize)
  return { name: 'fake', hear, hearLine, counters, advertisements: deliver }
}
