/** How this gate is, for somebody who was called because of it: link, what is still to send, list, clock, checks, who is here. */
import { checkLabel, type Format, lang } from '@gatehouse/ui'
import type { GateState } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

function linkText({ link }: GateState, format: Format, now: number): string {
  const t = words()
  if (link.state === 'up') return t.linkUp
  return link.state === 'away' && link.sinceAt ? t.linkAway(format.when(link.sinceAt, now)) : t.linkNever
}

/** The agent names states for machines; an unknown one is shown as it came. */
function doorWord(state: string): string {
  const t = words()
  const known: Record<string, string> = {
    locked: t.doorLocked,
    released: t.doorReleased,
    forced: t.doorForced,
    'held-open': t.doorHeldOpen,
    fault: t.doorFault,
    'free-passage': t.doorFreePassage,
  }
  return known[state] ?? state
}

function facts(state: GateState, format: Format): readonly (readonly [string, string])[] {
  const t = words()
  const { now, roster, decisions } = state
  const rows = format.number(roster.rows)
  const unsent = format.number(state.unsent)
  const clocks = { synced: t.clockSynced, holdover: t.clockHoldover, unknown: t.clockUnknown }
  const lines: (readonly [string, string])[] = [
    [t.link, linkText(state, format, now)],
    [t.unsent, state.oldestUnsentAt ? t.unsentSince(unsent, format.when(state.oldestUnsentAt, now)) : unsent],
    [t.roster, roster.appliedAt ? t.rosterAt(rows, format.when(roster.appliedAt, now)) : rows],
    [t.clock, clocks[state.clock.trust]],
  ]
  if (state.inside !== undefined) lines.push([t.insideNow, format.number(state.inside)])
  if (state.door) lines.push([t.door, doorWord(state.door.state)])
  if (decisions) {
    const { admit, deny, ask } = decisions
    lines.push([t.decisions, t.decisionsOf(format.number(admit), format.number(deny), format.number(ask))])
  }
  if (state.software) lines.push([t.software, state.software])
  return lines
}

function Checks({ state }: { readonly state: GateState }) {
  const t = words(lang.value)
  return (
    <>
      <h3>{t.checks}</h3>
      <dl class="facts">
        {state.checks.map(({ name, ok, detail }) => (
          <div key={name}>
            <dt>{checkLabel(name, lang.value)}</dt>
            <dd class={ok ? '' : 'problem'}>{ok ? t.checkOk : (detail ?? '✖')}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

export function GateStateView({ kiosk, format }: { readonly kiosk: Kiosk; readonly format: Format }) {
  const t = words()
  const state = kiosk.state.value
  const staff = kiosk.staff.value
  return (
    <section class="sheet gate-state" aria-labelledby="gate-title" tabIndex={0}>
      <h2 id="gate-title">{t.stateTitle}</h2>
      <div class="staff-line">
        <span>
          {t.staffNow}: <strong>{staff || t.staffNobody}</strong>
        </span>
        {staff && (
          <button type="button" class="button" onClick={() => kiosk.forgetStaff()}>
            {t.staffChange}
          </button>
        )}
      </div>
      {state && (
        <dl class="facts">
          {facts(state, format).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {state && state.checks.length > 0 && <Checks state={state} />}
    </section>
  )
}
