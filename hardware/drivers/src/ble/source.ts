/**
 * The port of everything that hears badges: a stream of advertisements as the radio gave them. Drivers behind it do not judge
 * and do not merge; they promise order, bounded memory (the oldest goes first when nobody keeps up) and an end when told to.
 */

/** What one radio packet carried. */
export interface Advertisement {
  /** When it was heard, Unix ms. */
  readonly at: number
  /** The sender's address, lower case with colons. It may be random and change; it is never an identity. */
  readonly addr: string
  /** Strength, dBm, −127 to 20. */
  readonly rssi: number
  /** The advertising data structures, undecoded. */
  readonly ad: Uint8Array
}

/** Totals since the source was made. */
export interface BeaconCounters {
  readonly heard: number
  /** Damaged or too long, not delivered. */
  readonly refused: number
  /** Gave way to newer ones because nobody took them in time. */
  readonly dropped: number
}

export interface BeaconSource {
  readonly name: string
  /**
   * Starts hearing at the first step and ends without an error when the signal is aborted or the source is exhausted. Taken by
   * one reader at a time. Rejects with a `Failure` GH-BLE-… when the device or file cannot be used.
   */
  advertisements(signal: AbortSignal): AsyncIterable<Advertisement>
  counters(): BeaconCounters
}
