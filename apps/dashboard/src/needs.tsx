/** The list of what needs a person, in whole sentences that end with what to do. Nothing blinks. */
import { checkLabel, type Format, type Lang, lang, type Meaning, Shape, span } from '@gatehouse/ui'
import { type Need, needsYou } from './needs-you.ts'
import type { Shown } from './shown.ts'
import { words } from './words.ts'

const urgency: Record<Need['kind'], Meaning> = {
  'list-differs': 'deny',
  overloaded: 'ask',
  'double-entries': 'deny',
  away: 'ask',
  parked: 'ask',
  behind: 'ask',
  problem: 'ask',
}

function sentence(need: Need, at: number, format: Format, speaking: Lang): string {
  const t = words(speaking)
  const { number } = format
  switch (need.kind) {
    case 'list-differs':
      return t.needListDiffers(need.gate)
    case 'overloaded':
      return t.needOverloaded(need.gate, format.percent(need.load), span(need.waitSec * 1000, speaking))
    case 'double-entries':
      return need.count === 1 ? t.needDoubleOne : t.needDouble(number(need.count))
    case 'away':
      return [
        t.needAway(need.gate, need.since === null ? '–' : format.when(need.since, at)),
        need.unsent > 0 ? t.needAwayUnsent(number(need.unsent)) : '',
        need.behind > 0 ? t.needAwayBehind(number(need.behind)) : '',
      ]
        .join(' ')
        .trim()
    case 'parked':
      return t.needParked(need.gate, number(need.count))
    case 'behind':
      return [t.needBehind(need.gate, number(need.changes)), need.since ? t.needSince(format.when(need.since, at)) : '']
        .join(' ')
        .trim()
    case 'problem':
      return t.needProblem(need.gate, checkLabel(need.check, speaking))
  }
}

export function NeedsYou({ numbers: { overview, at }, format, asOf }: Shown) {
  const t = words()
  const needs = needsYou(overview)
  return (
    <section class="panel part needs" aria-labelledby="needs-title">
      <div class="part-top">
        <h2 id="needs-title">
          {t.needsYou} {needs.length > 0 && `(${format.number(needs.length)})`}
        </h2>
        {asOf && <p class="old">{t.asOf(asOf)}</p>}
      </div>
      {needs.length === 0 ? (
        <p class="empty">{t.nothingNeeded}</p>
      ) : (
        <ol>
          {needs.map((need) => (
            <li
              key={`${need.kind}-${'gate' in need ? need.gate : ''}-${'check' in need ? need.check : ''}`}
              class={urgency[need.kind]}
            >
              <Shape of={urgency[need.kind]} size="1.25em" />
              <span>{sentence(need, at, format, lang.value)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
