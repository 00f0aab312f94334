/**
 * The screen as a whole: one quiet line on top, the stage, the last five answers, and four actions that never move. An answer takes
 * the whole screen in its colour for as long as it is shown.
 */
import { answerOf } from '@gatehouse/domain'
import { createFormat, type Format, lang } from '@gatehouse/ui'
import { useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Actions } from './actions.tsx'
import { Find } from './find.tsx'
import { GateStateView } from './gate-view.tsx'
import { Header } from './header.tsx'
import type { Kiosk } from './kiosk.ts'
import { PersonView } from './person.tsx'
import { Recent } from './recent.tsx'
import { ScanView } from './scan.tsx'
import { StaffDialog } from './staff.tsx'
import { Stage } from './stage.tsx'
import { words } from './words.ts'

interface Shared {
  readonly kiosk: Kiosk
  readonly format: Format
}

function Body({ kiosk, format }: Shared) {
  const view = kiosk.view.value
  if (kiosk.shown.value) return <Stage kiosk={kiosk} format={format} />
  switch (view.name) {
    case 'gate':
      return <Stage kiosk={kiosk} format={format} />
    case 'find':
      return <Find kiosk={kiosk} format={format} />
    case 'person':
      return <PersonView key={view.person.id} kiosk={kiosk} format={format} person={view.person} answer={view.answer} />
    case 'scan':
      return <ScanView kiosk={kiosk} />
    case 'state':
      return <GateStateView kiosk={kiosk} format={format} />
  }
}

function TroubleLine({ kiosk }: { readonly kiosk: Kiosk }) {
  const trouble = kiosk.trouble.value
  const t = words()
  return (
    <p class="trouble" role="alert" hidden={!trouble}>
      {trouble?.kind === 'unanswered' && t.unanswered}
      {trouble?.kind === 'refused' && t.refused(trouble.detail)}
    </p>
  )
}

/** The present second, for the clock and the countdown; one timer for the whole page. */
function useNow(kiosk: Kiosk) {
  const now = useSignal(kiosk.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = kiosk.now()
    }, 250)
    return () => clearInterval(timer)
  }, [])
  return now
}

export function App({ kiosk }: { readonly kiosk: Kiosk }) {
  const now = useNow(kiosk)
  const format = useComputed(() => createFormat(lang.value, kiosk.state.value?.event.timeZone)).value
  const shown = kiosk.shown.value
  const meaning = shown ? answerOf(shown.decision) : undefined
  const isWorking = !shown && kiosk.view.value.name !== 'gate'
  return (
    <div class={`kiosk ${meaning ?? 'calm'} ${isWorking ? 'working' : ''}`} data-answer={meaning}>
      <Header kiosk={kiosk} format={format} now={now} />
      <main class="body">
        <TroubleLine kiosk={kiosk} />
        <Body kiosk={kiosk} format={format} />
      </main>
      {!isWorking && <Recent kiosk={kiosk} format={format} />}
      <Actions kiosk={kiosk} now={now} />
      <StaffDialog kiosk={kiosk} />
    </div>
  )
}
