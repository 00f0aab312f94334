/** What is odd about a fact, as bits of `attendance_records.flags` (the names are attendance.flag_names in SQL). */
export const FLAG = {
  duplicate: 1,
  doubleEntry: 2,
  revokedBefore: 4,
  unknownParticipant: 8,
  outsideHours: 16,
  clockUntrusted: 32,
  offline: 64,
  override: 128,
  undone: 256,
  signedUnknown: 512,
  eventNotAssigned: 1_024,
  future: 2_048,
} as const

/** Not stored: asks the statement whether the person was already inside, because nothing in the batch says. */
export const ASK_DOUBLE = 16_384

/** How ingest's own checks name what they saw. */
export const FLAG_OF_CHECK: Readonly<Record<string, number>> = {
  'event-not-assigned': FLAG.eventNotAssigned,
  'clock-untrusted': FLAG.clockUntrusted,
  future: FLAG.future,
  'signed-unknown': FLAG.signedUnknown,
}
