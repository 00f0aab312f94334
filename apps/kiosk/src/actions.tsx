/** Four actions, always there, always in the same order and place, so that a thumb finds them without looking. */
import { countdown } from '@gatehouse/ui'
import type { ReadonlySignal } from '@preact/signals'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

/** Pressing an action again leads back to the gate; the cross says so. */
function Shut() {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
      <path d="M2 2 L12 12 M12 2 L2 12" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
    </svg>
  )
}

export function Actions({ kiosk, now }: { readonly kiosk: Kiosk; readonly now: ReadonlySignal<number> }) {
  const t = words()
  const act = kiosk.ownAct.value
  const at = kiosk.shown.value ? 'gate' : kiosk.view.value.name
  const toggle = (name: 'find' | 'scan' | 'state') => kiosk.go({ name: at === name ? 'gate' : name })
  return (
    <nav class="actions" aria-label={t.actions}>
      <button
        type="button"
        class="button"
        aria-pressed={at === 'find' || at === 'person'}
        onClick={() => toggle('find')}
      >
        {t.find}
        {(at === 'find' || at === 'person') && <Shut />}
      </button>
      <button type="button" class="button" aria-pressed={at === 'scan'} onClick={() => toggle('scan')}>
        {t.scan}
        {at === 'scan' && <Shut />}
      </button>
      <button type="button" class="button" disabled={!act || kiosk.busy.value} onClick={() => kiosk.undo()}>
        {t.undo}
        {act && <span class="left">{countdown(act.until - now.value)}</span>}
      </button>
      <button type="button" class="button" aria-pressed={at === 'state'} onClick={() => toggle('state')}>
        {t.gate}
        {at === 'state' && <Shut />}
      </button>
    </nav>
  )
}
