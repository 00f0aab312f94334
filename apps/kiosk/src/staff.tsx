/** Asks once who is at the gate, the first time somebody acts by hand. What they were about to do goes on right after. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

export function StaffDialog({ kiosk }: { readonly kiosk: Kiosk }) {
  const t = words()
  const dialog = useRef<HTMLDialogElement>(null)
  const name = useSignal('')
  const isMissing = useSignal(false)
  const isAsking = kiosk.askingName.value !== undefined
  useEffect(() => {
    if (isAsking) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isAsking])
  const cancel = () => {
    kiosk.askingName.value = undefined
  }
  const submit = (event: Event) => {
    event.preventDefault()
    isMissing.value = name.value.trim() === ''
    if (!isMissing.value) kiosk.nameStaff(name.value)
  }
  return (
    <dialog ref={dialog} class="staff" aria-labelledby="staff-title" onCancel={cancel}>
      <form onSubmit={submit} noValidate>
        <h2 id="staff-title">{t.staffTitle}</h2>
        <p class="soft">{t.staffHint}</p>
        <div class="field">
          <label for="staff-name">{t.staffLabel}</label>
          <input
            id="staff-name"
            class="input large"
            maxLength={60}
            autocomplete="off"
            value={name.value}
            aria-invalid={isMissing.value}
            aria-describedby="staff-problem"
            onInput={(event) => {
              name.value = event.currentTarget.value
            }}
          />
          <p id="staff-problem" class="problem" hidden={!isMissing.value}>
            {t.staffMissing}
          </p>
        </div>
        <div class="choices">
          <button type="submit" class="button primary">
            {t.staffGo}
          </button>
          <button type="button" class="button" onClick={cancel}>
            {t.cancel}
          </button>
        </div>
      </form>
    </dialog>
  )
}
