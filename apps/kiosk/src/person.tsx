/**
 * One person: where they stand and what can be done. Admitting goes through the gate's own decision like any scan; the way past a
 * refusal needs a reason in words, which is journalled with the entry.
 */
import { type Format, lang, Shape } from '@gatehouse/ui'
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { answerWords, ticketLine } from './answer-words.ts'
import type { Answer, Person } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

function standing(person: Person, format: Format): string {
  const t = words()
  const { presence } = person
  if (!presence) return t.notYetIn
  const time = format.time(presence.lastAt)
  const gate = presence.lastGateName ?? ''
  return presence.inside ? t.inside(time, gate) : t.outside(time, gate)
}

function entries(person: Person, format: Format): string {
  const t = words()
  const most = person.maxEntries ?? (person.entryPolicy === 'once' ? 1 : undefined)
  return t.entriesOf(format.number(person.presence?.entries ?? 0), most ? t.times(format.number(most)) : t.unlimited)
}

function Override({ kiosk, person }: { readonly kiosk: Kiosk; readonly person: Person }) {
  const t = words()
  const note = useSignal('')
  const isMissing = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    isMissing.value = note.value.trim() === ''
    if (!isMissing.value) kiosk.checkIn(person, 'entry', note.value.trim())
  }
  return (
    <form class="override" onSubmit={submit} noValidate>
      <div class="field">
        <label for="override-note">{t.overrideWhy}</label>
        <input
          id="override-note"
          ref={field}
          class="input large"
          maxLength={200}
          autocomplete="off"
          placeholder={t.overridePlaceholder}
          value={note.value}
          aria-invalid={isMissing.value}
          aria-describedby={isMissing.value ? 'override-problem' : undefined}
          onInput={(event) => {
            note.value = event.currentTarget.value
          }}
        />
        {isMissing.value && (
          <p id="override-problem" class="problem">
            {t.overrideMissing}
          </p>
        )}
      </div>
      <button type="submit" class="button primary" disabled={kiosk.busy.value}>
        {t.overrideGo}
      </button>
    </form>
  )
}

function LastAnswer({ answer, timeZone }: { readonly answer: Answer; readonly timeZone: string | undefined }) {
  const { meaning, word, detail } = answerWords(answer, lang.value, timeZone)
  return (
    <p class={`verdict ${meaning}`}>
      <Shape of={meaning} size={28} />
      <span>{detail ? `${word}. ${detail}` : word}</span>
    </p>
  )
}

interface PersonProps {
  readonly kiosk: Kiosk
  readonly format: Format
  readonly person: Person
  readonly answer: Answer | undefined
}

export function PersonView({ kiosk, format, person, answer }: PersonProps) {
  const t = words()
  const isOverriding = useSignal(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  const isBusy = kiosk.busy.value
  return (
    <section class="sheet person" aria-labelledby="person-name">
      <div class="person-top">
        <div>
          <h2 id="person-name" ref={heading} tabIndex={-1}>
            {person.name ?? person.id.slice(-8)}
          </h2>
          <p>{ticketLine(person, kiosk.state.value)}</p>
          <p class="soft">
            {standing(person, format)} · {entries(person, format)}
          </p>
        </div>
        <button type="button" class="button" onClick={() => kiosk.go({ name: 'find' })}>
          {t.back}
        </button>
      </div>
      {person.status !== 'active' && (
        <p class="verdict deny">
          <Shape of="deny" size={28} />
          <span>{person.status === 'cancelled' ? t.cancelled : t.blocked}</span>
        </p>
      )}
      {person.attention && (
        <p class="verdict ask">
          <Shape of="ask" size={28} />
          <span>{person.attention}</span>
        </p>
      )}
      {answer && <LastAnswer answer={answer} timeZone={kiosk.state.value?.event.timeZone} />}
      <div class="choices">
        <button type="button" class="button primary" disabled={isBusy} onClick={() => kiosk.checkIn(person, 'entry')}>
          {t.admitNow}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={() => kiosk.checkIn(person, 'exit')}>
          {t.checkOut}
        </button>
        <button
          type="button"
          class="button"
          aria-expanded={isOverriding.value}
          onClick={() => {
            isOverriding.value = !isOverriding.value
          }}
        >
          {t.override}
        </button>
      </div>
      {isOverriding.value && <Override kiosk={kiosk} person={person} />}
    </section>
  )
}
