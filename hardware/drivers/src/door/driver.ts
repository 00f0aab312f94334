/**
 * The port of whatever releases a door: a relay with two states. How long it stays energised is the door's state machine's
 * matter; a driver promises to do one thing at a time, to be idempotent, and to leave the relay de-energised when it stops.
 */
export type Contact = 'open' | 'closed'

export interface DoorDriver {
  readonly name: string
  /** Releases the door. Rejects with a `Failure` GH-DOOR-… when the device does not do it. */
  energise(): Promise<void>
  /** Lets the door lock again. Safe to call at any time and any number of times. */
  deenergise(): Promise<void>
  /** Tells when the door's contact changes, where there is one; the returned function ends it. */
  onContact?(listener: (contact: Contact) => void): () => void
  /** De-energises and gives the device back. */
  stop(): Promise<void>
}
