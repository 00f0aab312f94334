/**
 * Evaluates a condition and explains a failure by the one leaf that stands in the way: under "all" the hardest to satisfy,
 * under "any" the nearest alternative. "not" is pushed down to the leaves, so that the explanation is always about something
 * a person can do. Each finding knows whether it is certain: a leaf about time is not, at a gate that does not know the time.
 */
import type { Condition } from './condition.ts'
import { type ConditionContext, type Finding, findLeaf } from './condition-leaves.ts'
import { conditionLimits } from './condition-limits.ts'
import type { Explanation } from './decision.ts'

export interface Evaluation {
  readonly holds: boolean
  /** Given when it does not hold. */
  readonly needs?: Explanation
  /** The answer hangs on a clock that is not trusted, or on something this software does not understand. */
  readonly uncertain?: 'clock' | 'not-understood'
}

const notUnderstood: Finding = {
  holds: false,
  uncertain: 'not-understood',
  needs: { needs: 'newer-software' },
  cost: Number.MAX_VALUE,
}

const doubt = (findings: readonly Finding[]) =>
  findings.find(({ uncertain }) => uncertain === 'not-understood')?.uncertain ??
  findings.find(({ uncertain }) => uncertain)?.uncertain

function combined(holds: boolean, settledBy: readonly Finding[], all: readonly Finding[], told?: Finding): Finding {
  const isCertain = settledBy.some(({ uncertain }) => uncertain === undefined)
  const uncertain = isCertain ? undefined : doubt(all)
  return { holds, cost: told?.cost ?? 0, ...(told?.needs && { needs: told.needs }), ...(uncertain && { uncertain }) }
}

/** Certain when one certain failure settles it, or when nothing at all is in doubt. */
function together(findings: readonly Finding[]): Finding {
  const failed = findings.filter(({ holds }) => !holds)
  const surely = failed.filter(({ uncertain }) => uncertain === undefined)
  const hardest = (surely.length > 0 ? surely : failed).reduce<Finding | undefined>(
    (worst, each) => (worst && worst.cost >= each.cost ? worst : each),
    undefined,
  )
  return combined(failed.length === 0, failed, findings, hardest)
}

function alternatives(findings: readonly Finding[]): Finding {
  const held = findings.filter(({ holds }) => holds)
  if (held.length > 0) return combined(true, held, findings)
  const nearest = findings.reduce<Finding | undefined>(
    (best, each) => (best && best.cost <= each.cost ? best : each),
    undefined,
  )
  return combined(false, [], findings, nearest)
}

function find(condition: Condition, context: ConditionContext, wanted: boolean, depth: number): Finding {
  if (depth > conditionLimits.depth || typeof condition !== 'object' || condition === null) return notUnderstood
  const within = (parts: readonly Condition[]) => parts.map((part) => find(part, context, wanted, depth + 1))
  if ('all' in condition) return wanted ? together(within(condition.all)) : alternatives(within(condition.all))
  if ('any' in condition) return wanted ? alternatives(within(condition.any)) : together(within(condition.any))
  if ('not' in condition) return find(condition.not, context, !wanted, depth + 1)
  return findLeaf(condition, context, wanted) ?? notUnderstood
}

/** Never throws for a condition of the right type; what it does not understand does not hold and says so. */
export function evaluate(condition: Condition, context: ConditionContext): Evaluation {
  const { holds, needs, uncertain } = find(condition, context, true, 1)
  return { holds, ...(!holds && { needs: needs ?? { needs: 'newer-software' } }), ...(uncertain && { uncertain }) }
}
