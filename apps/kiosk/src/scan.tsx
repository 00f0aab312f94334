/** A ticket that the lane's reader could not take: by hand scanner, as text, or as a picture of the code. */
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

export function ScanView({ kiosk }: { readonly kiosk: Kiosk }) {
  const t = words()
  const text = useSignal('')
  const isMissing = useSignal(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const picture = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    isMissing.value = text.value.trim() === ''
    if (!isMissing.value) void kiosk.scan(text.value.trim())
  }
  const choose = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement
    const file = input.files?.[0]
    // Cleared, so that choosing the same picture again is noticed.
    input.value = ''
    if (file) void kiosk.scan(file)
  }
  return (
    <section class="sheet scan" aria-label={t.scan}>
      <form onSubmit={submit} noValidate>
        <div class="field">
          <label for="scan-text">{t.scanLabel}</label>
          <p id="scan-hint" class="hint">
            {t.scanHint}
          </p>
          <textarea
            id="scan-text"
            ref={field}
            class="input"
            rows={3}
            maxLength={2000}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            value={text.value}
            aria-invalid={isMissing.value}
            aria-describedby="scan-hint scan-problem"
            onInput={(event) => {
              text.value = event.currentTarget.value
              isMissing.value = false
            }}
          />
          <p id="scan-problem" class="problem" hidden={!isMissing.value}>
            {t.scanEmpty}
          </p>
        </div>
        <div class="choices">
          <button type="submit" class="button primary" disabled={kiosk.busy.value}>
            {t.scanGo}
          </button>
          <button type="button" class="button" disabled={kiosk.busy.value} onClick={() => picture.current?.click()}>
            {t.scanPicture}
          </button>
          <input
            ref={picture}
            type="file"
            accept="image/png,image/jpeg"
            hidden
            onChange={choose}
            aria-label={t.scanPicture}
          />
        </div>
      </form>
    </section>
  )
}
