/**
 * Everything that travels between a gate and the cloud, as types, parsers and builders. Both houses and all tests go through
 * this door; no parser behind it throws on input.
 */
export { type Ack, parseAck } from './ack.ts'
export {
  type Badge,
  encodeAltBeacon,
  encodeEddystoneUid,
  encodeIBeacon,
  encodeRollingBadge,
  type FixedBadge,
  parseAdvertisement,
  type RollingBadge,
} from './badge.ts'
export { type Bulk, bulkBody, decodeBulk, encodeBulk } from './bulk.ts'
export { canonicalJson } from './canonical.ts'
export { chainHash, digestOf, GENESIS } from './chain.ts'
export { WIRE, type WireCode } from './codes.ts'
export { type Command, type CommandResult, parseCommand, parseCommandResult } from './command.ts'
export { privateKeyFromSeed, publicKeyFromRaw, rawPublicKey } from './crypto.ts'
export { type Desired, parseDesired, parseReported, type Reported } from './desired.ts'
export { type FeedHeader, parseFeedHeader, parseSyncRequest, type SyncRequest } from './feed.ts'
export { type CheckedPage, decodeFeedPage, encodeFeedPage, type FeedHeaderDraft } from './feed-page.ts'
export { type FeedName, type FeedPosition, type Hello, parseHello } from './hello.ts'
export { fromHex, toHex } from './hex.ts'
export {
  type DecisionLine,
  type DoorLine,
  encodeJournalLine,
  type JournalEntry,
  type JournalHeader,
  type JournalLine,
  type PassageLine,
  parseJournalHeader,
  parseJournalLine,
  type StaffLine,
  type SystemLine,
  type UndoLine,
} from './journal.ts'
export { LIMITS } from './limits.ts'
export type { Parsed } from './parsed.ts'
export { type PresenceLine, parsePresenceLine } from './presence.ts'
export { type PseudonymKind, pseudonym } from './pseudonym.ts'
export { createRollingIndex, type RollingIndex, rollingCanonical, rollingId, rollingStep } from './rolling.ts'
export { type ParticipantLine, parseRosterLine, type RemoveLine, type RosterLine, type RulesLine } from './roster.ts'
export {
  addRow,
  bucketOf,
  bucketsFromHex,
  bucketsToHex,
  differingBuckets,
  emptyBuckets,
  removeRow,
  rootOf,
  rowHash,
} from './set-hash.ts'
export type { Frozen, Input } from './shape.ts'
export { signDownlink, signHead, verifyDownlink, verifyHead } from './sign.ts'
export { type OfflineStatus, type OnlineStatus, parseStatus, type Status } from './status.ts'
export {
  classifyQrText,
  decodeTicket,
  encodeTicket,
  eventTag,
  type NewTicket,
  type QrText,
  STAFF_FLAG,
  type Ticket,
  type TicketFields,
  verifyTicket,
} from './ticket.ts'
export {
  DOWN_NAMES,
  type DownName,
  downTopic,
  FEED_NAMES,
  feedTopic,
  mayPublish,
  mayRetain,
  maySubscribe,
  parseTopic,
  type Topic,
  UP_NAMES,
  type UpName,
  upTopic,
} from './topics.ts'
export { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts'
