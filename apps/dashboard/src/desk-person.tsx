/** One person at the desk: where they stand, what can be done, and what the cloud said about it. */
import type { Direction } from '@gatehouse/domain'
import { answerOf, type Reader, sentence } from '@gatehouse/domain'
import { type Asked, type Format, lang, type Meaning, Shape } from '@gatehouse/ui'
import { type Signal, useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Cloud, DeskAnswer, EventSummary, GateNumbers, Person } from './cloud-api.ts'
import { words } from './words.ts'

interface PersonProps {
  readonly cloud: Cloud
  readonly event: EventSummary
  readonly gate: GateNumbers
  readonly format: Format
  readonly person: Person
  readonly picked: Signal<Person | undefined>
}

interface Said {
  readonly meaning: Meaning
  readonly text: string
}

/** What the cloud answered, in words with a next step. */
function said(asked: Asked<DeskAnswer>, name: string, gate: string, reader: Reader): Said {
  const t = words()
  if (!asked.ok) {
    if (asked.away) return { meaning: 'ask', text: t.problemAway }
    const known: Record<number, string> = {
      400: t.problem400(asked.detail),
      403: t.problem403,
      404: t.problem404,
      409: t.problem409,
    }
    return { meaning: 'deny', text: known[asked.status] ?? t.problemOther(asked.detail || asked.code) }
  }
  const { decision } = asked.value
  const meaning = answerOf(decision)
  const why = sentence(decision, lang.value, reader)
  switch (meaning) {
    case 'deny':
      return { meaning, text: t.notDone(why) }
    case 'ask':
      return { meaning, text: t.askDone(why) }
    case 'already':
      return { meaning, text: t.doneAgain(name) }
    case 'exit':
      return { meaning, text: t.doneOut(name, gate) }
    case 'look':
      return { meaning, text: `${t.done(name, gate)} ${decision.attention ?? ''}`.trim() }
    case 'admit':
      return { meaning, text: t.done(name, gate) }
  }
}

/** Random in any context: `crypto.randomUUID` exists on https pages only, and venues use plain addresses. */
function newPress(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** One press counts once: while its answer is missing, pressing again sends the same press. */
function useCheckIn({ cloud, event, gate, person, picked }: PersonProps) {
  const answer = useSignal<Said | undefined>(undefined)
  const isBusy = useSignal(false)
  const open = useRef<{ readonly what: string; readonly press: string } | undefined>(undefined)
  const checkIn = async (direction: Direction, note?: string) => {
    const what = `${gate.id} ${direction} ${note ?? ''}`
    const press = open.current?.what === what ? open.current.press : newPress()
    open.current = { what, press }
    isBusy.value = true
    const override = note ? { override: { note } } : {}
    const asked = await cloud.deskCheckIn(event.id, press, {
      participantId: person.id,
      gateId: gate.id,
      direction,
      ...override,
    })
    isBusy.value = false
    if (asked.ok || !asked.away) open.current = undefined
    answer.value = said(asked, person.name, gate.name, { timeZone: event.timeZone, now: Date.now() })
    if (asked.ok) picked.value = asked.value.person
  }
  return { answer, isBusy, checkIn }
}

function Override({ go, isBusy }: { readonly go: (note: string) => void; readonly isBusy: boolean }) {
  const t = words()
  const note = useSignal('')
  const isMissing = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const submit = (event: Event) => {
    event.preventDefault()
    isMissing.value = note.value.trim() === ''
    if (!isMissing.value) go(note.value.trim())
  }
  return (
    <form class="override" onSubmit={submit} noValidate>
      <div class="field">
        <label for="override-note">{t.overrideWhy}</label>
        <input
          id="override-note"
          ref={field}
          class="input"
          maxLength={200}
          autocomplete="off"
          value={note.value}
          aria-invalid={isMissing.value}
          aria-describedby="override-problem"
          onInput={(event) => {
            note.value = event.currentTarget.value
          }}
        />
        <p id="override-problem" class="problem" hidden={!isMissing.value}>
          {t.overrideMissing}
        </p>
      </div>
      <button type="submit" class="button primary" disabled={isBusy}>
        {t.overrideGo}
      </button>
    </form>
  )
}

function Standing({ person, event, format }: Pick<PersonProps, 'person' | 'event' | 'format'>) {
  const t = words()
  const { presence } = person
  const most = person.maxEntries ?? (person.entryPolicy === 'once' ? 1 : undefined)
  const time = presence ? format.when(presence.lastAt, Date.now()) : ''
  const gate = presence?.lastGateName ?? ''
  const standing = !presence ? t.neverIn : presence.inside ? t.insideSince(time, gate) : t.leftSince(time, gate)
  const type = event.rules?.ticketTypes?.[person.ticketType]?.name ?? person.ticketType
  const zones = person.zones.map((id) => event.rules?.zones?.find((zone) => zone.id === id)?.name ?? id)
  return (
    <>
      <p>{[type, ...zones].join(' · ')}</p>
      <p class="soft">
        {standing} ·{' '}
        {t.entriesOf(format.number(presence?.entries ?? 0), most ? t.times(format.number(most)) : t.unlimited)}
      </p>
    </>
  )
}

function Verdict({ meaning, text }: Said) {
  return (
    <p class={`verdict ${meaning}`}>
      <Shape of={meaning} size={28} />
      <span>{text}</span>
    </p>
  )
}

export function PersonPanel(props: PersonProps) {
  const { person } = props
  const t = words(lang.value)
  const { answer, isBusy, checkIn } = useCheckIn(props)
  const isOverriding = useSignal(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {person.name}
      </h2>
      <Standing {...props} />
      {person.status !== 'active' && (
        <Verdict meaning="deny" text={person.status === 'cancelled' ? t.cancelled : t.blocked} />
      )}
      {person.attention && <Verdict meaning="ask" text={person.attention} />}
      <div class="choices">
        <button type="button" class="button primary" disabled={isBusy.value} onClick={() => void checkIn('entry')}>
          {t.checkIn}
        </button>
        <button type="button" class="button" disabled={isBusy.value} onClick={() => void checkIn('exit')}>
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
      {isOverriding.value && <Override go={(note) => void checkIn('entry', note)} isBusy={isBusy.value} />}
      <div role="status">{answer.value && <Verdict {...answer.value} />}</div>
    </>
  )
}
