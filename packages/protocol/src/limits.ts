/**
 * The sizes and times that both sides of the protocol keep to. A message over a size is refused by its receiver, so a sender
 * checks first; the times are what a peer may rely on.
 */

export const LIMITS = {
  /** Bytes of one line without its line end, header lines included. */
  lineBytes: 4096,
  /** Bytes of one MQTT payload. */
  messageBytes: 256 * 1024,
  /** Levels of objects and arrays in one JSON value. */
  depth: 32,
  /** Entries in one journal batch. */
  batchEntries: 500,
  /** Journal batches sent and not yet acknowledged. */
  batchesInFlight: 4,
  /** A batch of at least so many entries is signed. */
  signFromEntries: 100,
  /** A batch is signed when the last signature is older than this. */
  signAfterMs: 30_000,
  /** The cloud raises an alert when a gate's unsigned tail is older. */
  unsignedTailMs: 300_000,
  /** A live entry leaves the gate within this time after its decision. */
  liveWithinMs: 50,
  /** An unacknowledged batch is sent again after this time. */
  resendAfterMs: 10_000,
  /** A status is published at least this often. */
  statusEveryMs: 30_000,
  keepaliveSec: 15,
  /** Gates that one feed header may speak of in `covers`. */
  coversGates: 32,
  /** Buckets of the set hash. */
  buckets: 256,
} as const
