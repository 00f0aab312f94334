/**
 * Which gate this is, the link in one quiet word, the time, the language. The link turns red only when something needs a person:
 * working without the cloud is an ordinary state of a gate.
 */
import { checkLabel, type Format, LangSwitch, lang } from '@gatehouse/ui'
import type { ReadonlySignal } from '@preact/signals'
import type { GateState } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

interface LinkWord {
  readonly text: string
  readonly tone: 'well' | 'own' | 'alarm'
}

const waitingMs = 3_000

function linkWord(state: GateState, format: Format): LinkWord {
  const t = words()
  const broken = state.checks.find((check) => !check.ok && check.name !== 'link')
  if (broken) return { text: t.needsPerson(checkLabel(broken.name, lang.value)), tone: 'alarm' }
  const unsent = format.number(state.unsent)
  if (state.link.state === 'away') return { text: state.unsent > 0 ? t.awayToSend(unsent) : t.away, tone: 'own' }
  if (state.link.state === 'never') return { text: t.neverLinked, tone: 'own' }
  // Every scan is unsent for a moment; only what waits longer is worth a word.
  const isWaiting = state.now - (state.oldestUnsentAt ?? state.now) > waitingMs
  return { text: isWaiting ? t.sending(unsent) : t.allWell, tone: 'well' }
}

function screenWord(kiosk: Kiosk, format: Format): LinkWord {
  const t = words()
  const { live, asOf } = kiosk.freshness.value
  const state = kiosk.state.value
  if (live && state) return linkWord(state, format)
  return asOf === undefined
    ? { text: t.screenWaits, tone: 'own' }
    : { text: t.screenLost(format.time(asOf)), tone: 'alarm' }
}

interface HeaderProps {
  readonly kiosk: Kiosk
  readonly format: Format
  readonly now: ReadonlySignal<number>
}

export function Header({ kiosk, format, now }: HeaderProps) {
  const state = kiosk.state.value
  const t = words(lang.value)
  const { text, tone } = screenWord(kiosk, format)
  const direction = state && { entry: t.entry, exit: t.exitLane, both: t.both }[state.gate.direction]
  return (
    <header class="top">
      <h1 class="gate-name">{state?.gate.name ?? 'Gatehouse'}</h1>
      {direction && <span class="direction">{direction}</span>}
      <p class={`link ${tone}`} role="status">
        <span class="dot" aria-hidden="true" />
        {text}
      </p>
      <time class="clock">{format.time(now.value)}</time>
      <LangSwitch />
    </header>
  )
}
