/**
 * The history of the wire. Whoever changes a schema is stopped by a test and comes here to decide: a new optional field stays
 * in the version and gets a line under it; anything that an older program would misread is a new version.
 *
 * 1 — the first. Journal with epochs, chain and signed heads; roster and presence feeds with cursors, set hash and signed
 *     headers; status, desired/reported, commands; GT1 tickets; four kinds of badge.
 *     Optional since 0.1.0: feed header `covers`, `buckets`, `echo`; presence line `firstAt`, `days`; participant `hold`; rules
 *     line `rollingBadges`; hello `head`; ack `head` and `echo.from/to/head`; sync `snapshot`; journal header `skipped`; journal
 *     line `was`, and `ofEpoch` of undo and passage; feed position `rows` (in status).
 */

export const PROTOCOL_VERSION = 1

/** The oldest version that is still understood; raised only after every supported gate speaks a newer one. */
export const MIN_PROTOCOL_VERSION = 1
