/**
 * Find a person by a few letters and check them in at a chosen gate. The cloud judges with the same rules as the gates; what it
 * answers is said in words, and an answer that got lost on the way can be asked for again without counting twice.
 */
import { createFormat, type Format, type Found, lang, useSearch, walkList } from '@gatehouse/ui'
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Cloud, EventSummary, GateNumbers, Person } from './cloud-api.ts'
import { PersonPanel } from './desk-person.tsx'
import type { Door } from './entrance.tsx'
import { Frame } from './frame.tsx'
import { words } from './words.ts'

const gateKey = 'gatehouse.desk.gate'

interface DeskProps {
  readonly cloud: Cloud
  readonly door: Door
  readonly event: EventSummary
}

function useGates(cloud: Cloud, event: EventSummary) {
  const gates = useSignal<readonly GateNumbers[]>([])
  const chosen = useSignal(localStorage.getItem(gateKey) ?? '')
  useEffect(() => {
    void cloud.gates(event.id).then((asked) => {
      if (!asked.ok) return
      gates.value = asked.value.filter(({ state }) => state !== 'revoked')
      if (!gates.value.some(({ id }) => id === chosen.value)) chosen.value = gates.value[0]?.id ?? ''
    })
  }, [event.id])
  return { gates, chosen }
}

function presenceWord(person: Person, format: Format): { readonly text: string; readonly tone: string } {
  const t = words()
  if (person.status !== 'active') return { text: person.status === 'cancelled' ? t.cancelled : t.blocked, tone: 'deny' }
  if (!person.presence) return { text: t.notYet, tone: 'soft' }
  const time = format.when(person.presence.lastAt, Date.now())
  return person.presence.inside ? { text: t.inSince(time), tone: 'already' } : { text: t.leftAt(time), tone: 'exit' }
}

interface ResultsProps {
  readonly found: Found<Person>
  readonly event: EventSummary
  readonly format: Format
  readonly picked: Signal<Person | undefined>
}

function Results({ found, event, format, picked }: ResultsProps) {
  const t = words(lang.value)
  if (!found) return <p class="soft">{t.deskHint}</p>
  if (found === 'failed') return <p class="problem">{t.deskFailed}</p>
  if (found.items.length === 0) return <p>{t.deskNobody(found.words)}</p>
  return (
    <ul class="results">
      {found.items.map((person) => {
        const presence = presenceWord(person, format)
        return (
          <li key={person.id}>
            <button
              type="button"
              class="result"
              aria-pressed={picked.value?.id === person.id}
              onClick={() => (picked.value = person)}
            >
              <strong>{person.name}</strong>
              <span class="soft">{event.rules?.ticketTypes?.[person.ticketType]?.name ?? person.ticketType}</span>
              <span class={`presence ${presence.tone}`}>{presence.text}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function GateChoice({ gates, chosen }: ReturnType<typeof useGates>) {
  const t = words()
  return (
    <div class="field">
      <label for="desk-gate">{t.deskGate}</label>
      <select
        id="desk-gate"
        class="input"
        value={chosen.value}
        onChange={(change) => {
          chosen.value = change.currentTarget.value
          localStorage.setItem(gateKey, chosen.value)
        }}
      >
        {gates.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

export function DeskPage({ cloud, door, event }: DeskProps) {
  const t = words(lang.value)
  const format = createFormat(lang.value, event.timeZone)
  const { gates, chosen } = useGates(cloud, event)
  const { text, found } = useSearch<Person>((asked, signal) => cloud.deskFind(event.id, asked, signal))
  const picked = useSignal<Person | undefined>(undefined)
  // What a check-in changed stands in the list as well, without asking again.
  useSignalEffect(() => {
    const changed = picked.value
    const list = found.peek()
    if (!changed || !list || list === 'failed') return
    found.value = { ...list, items: list.items.map((person) => (person.id === changed.id ? changed : person)) }
  })
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const gate = gates.value.find(({ id }) => id === chosen.value)
  const count = found.value && found.value !== 'failed' ? t.deskFound(format.number(found.value.items.length)) : ''
  return (
    <div class="desk-page">
      <Frame door={door} event={event} format={format} page="desk" />
      <main class="desk">
        <section class="panel part desk-find" aria-label={t.deskFind} onKeyDown={walkList}>
          <GateChoice gates={gates} chosen={chosen} />
          <div class="field">
            <label for="desk-text">{t.deskFind}</label>
            <input
              id="desk-text"
              ref={field}
              class="input"
              type="search"
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={text.value}
              onInput={(input) => {
                text.value = input.currentTarget.value
              }}
            />
          </div>
          <p class="unseen" role="status">
            {count}
          </p>
          <Results found={found.value} event={event} format={format} picked={picked} />
        </section>
        <section class="panel part desk-person" aria-label={t.who}>
          {picked.value && gate ? (
            <PersonPanel
              key={picked.value.id}
              cloud={cloud}
              event={event}
              gate={gate}
              format={format}
              picked={picked}
              person={picked.value}
            />
          ) : (
            <p class="empty">{t.deskPick}</p>
          )}
        </section>
      </main>
    </div>
  )
}
