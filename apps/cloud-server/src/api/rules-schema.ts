/**
 * The rules that an organizer writes, as they cross the wall. Conditions are checked by the engine's own validator, which says in words
 * what is wrong; sizes are bounded so that the rules fit one line of the feed.
 */
import { type Condition, isTimeZone, validateCondition } from '@gatehouse/domain'
import Type, { type Static, type TSchema, type TString } from 'typebox'
import { type FieldProblem, Problem } from './problem.ts'
import { Count, Id, strict, Word, Words } from './schemas.ts'

const AnyCondition = Type.Unsafe<Condition>(
  Type.Object({}, { description: 'The closed rule language; see docs/rules.md' }),
)
const ShownText = Type.String({ maxLength: 160 })
const WindowSec = Type.Integer({ minimum: 0, maximum: 86_400 })

/** A record whose keys are checked too: by itself one lets anything pass under a key that does not fit. */
const byName = <T extends TSchema>(name: TString, schema: T, maxProperties: number) =>
  Type.Record(name, schema, { maxProperties, additionalProperties: false })

export const GateRuleSchema = strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  zone: Type.Optional(Word),
  ticketTypes: Type.Optional(Words),
  condition: Type.Optional(AnyCondition),
  elsewhere: Type.Optional(ShownText),
})
const TicketTypeSchema = strict({
  name: Type.Optional(ShownText),
  condition: Type.Optional(AnyCondition),
  attention: Type.Optional(ShownText),
})
const ZoneSchema = strict({
  id: Word,
  name: Type.Optional(ShownText),
  capacity: Type.Optional(Count),
  badgeAdmits: Type.Optional(Type.Boolean()),
})
const PoliciesSchema = strict({
  signedUnknown: Type.Optional(Type.Union([Type.Literal('admit'), Type.Literal('ask'), Type.Literal('deny')])),
  full: Type.Optional(Type.Union([Type.Literal('ask'), Type.Literal('deny')])),
  antiPassback: Type.Optional(Type.Boolean()),
})

export const RulesBody = strict({
  graceSec: Type.Optional(WindowSec),
  duplicateWindowSec: Type.Optional(WindowSec),
  repeatWindowSec: Type.Optional(WindowSec),
  zones: Type.Optional(Type.Array(ZoneSchema, { maxItems: 64 })),
  policies: Type.Optional(PoliciesSchema),
  ticketTypes: Type.Optional(byName(Type.String({ pattern: '^[\\s\\S]{1,64}$' }), TicketTypeSchema, 64)),
  gates: Type.Optional(byName(Id, GateRuleSchema, 200)),
})
export type RulesBody = Static<typeof RulesBody>

/** Throws GH-API-201 with one problem per condition that the engine could not evaluate. */
export function checkRules(rules: RulesBody | undefined): void {
  const problems = [...problemsIn('gates', rules?.gates), ...problemsIn('ticketTypes', rules?.ticketTypes)]
  if (problems.length > 0) throw new Problem('GH-API-201', problems[0]?.message, { problems })
}

export function checkCondition(condition: unknown, path: string): void {
  const problems = problemsIn(path, { condition: { condition } })
  if (problems.length > 0) throw new Problem('GH-API-201', problems[0]?.message, { problems })
}

export function checkTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined || isTimeZone(timeZone)) return
  throw new Problem('GH-API-201', 'timeZone has to be an IANA zone, such as Asia/Seoul.')
}

function problemsIn(
  path: string,
  rules: Readonly<Record<string, { condition?: unknown }>> | undefined,
): FieldProblem[] {
  return Object.entries(rules ?? {}).flatMap(([name, { condition }]) => {
    if (condition === undefined) return []
    const checked = validateCondition(condition)
    return checked.ok
      ? []
      : checked.problems
          .slice(0, 10)
          .map((problem) => ({ path: `${path}/${name}/condition`, message: String(problem) }))
  })
}
