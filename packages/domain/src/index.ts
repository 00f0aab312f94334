/**
 * The one door of the domain: nouns and rules, pure and usable anywhere. Nothing here reads a clock, a disk or a network, so
 * the gate, the pages, the cloud and the simulator run the same code and get the same answers.
 */
export type * from './condition.ts'
export type { ConditionContext } from './condition-leaves.ts'
export { admissionRules, decide } from './decide.ts'
export type * from './decision.ts'
export {
  createDoor,
  type Door,
  type DoorEffect,
  type DoorInput,
  type DoorMode,
  type DoorSettings,
  type DoorStep,
  doorDefaults,
  doorStep,
  nextTickAt,
} from './door.ts'
export { type Answer, answerOf, type Effects, effectsOf, type Light, type Screen, type Sound } from './effects.ts'
export { type Evaluation, evaluate } from './evaluate-condition.ts'
export { comparePassages, foldAll, foldPassage, foldPresence, passageOf } from './fold.ts'
export type * from './ids.ts'
export type { ConditionNeed, Need, RuleId } from './judgement.ts'
export { isTimeZone, type LocalTime, localTime } from './local-time.ts'
export { nameMatches, searchKey } from './name-match.ts'
export { adjustOccupancy, type Occupancy, occupancyOf, type PresenceChange } from './occupancy.ts'
export type * from './participant.ts'
export type { Lang } from './phrases.ts'
export type * from './presence.ts'
export {
  type Arrival,
  coolDown,
  createProximity,
  type Evaluated,
  evaluateTick,
  hear,
  type Proximity,
  type ProximitySettings,
  proximityDefaults,
  type Sighting,
} from './proximity.ts'
export type * from './reading.ts'
export { type AttendanceRequest, judgeRequest, type RequestVerdict } from './request.ts'
export type * from './rules.ts'
export { type Validated, validateCondition } from './validate-condition.ts'
export { headline, type Reader, sentence } from './words.ts'
