/**
 * The one door of the domain: nouns and rules, pure and usable anywhere. Nothing here reads a clock, a disk or a network, so
 * the gate, the pages, the cloud and the simulator run the same code and get the same answers.
 */
export type * from './condition.ts'
export type { ConditionContext } from './condition-leaves.ts'
export { admissionRules, decide } from './decide.ts'
export type * from './decision.ts'
export { type Answer, answerOf, type Effects, effectsOf, type Light, type Screen, type Sound } from './effects.ts'
export { type Evaluation, evaluate } from './evaluate-condition.ts'
export { comparePassages, foldAll, foldPassage, foldPresence, passageOf } from './fold.ts'
export type * from './ids.ts'
export type { ConditionNeed, Need, RuleId } from './judgement.ts'
export { isTimeZone, type LocalTime, localTime } from './local-time.ts'
export { adjustOccupancy, type Occupancy, occupancyOf, type PresenceChange } from './occupancy.ts'
export type * from './participant.ts'
export type * from './presence.ts'
export type * from './reading.ts'
export type * from './rules.ts'
