/** Finding one person by two or three letters, in the gate's own list; it works with the cloud away. */
import { type Format, type Found, lang, useSearch, walkList } from '@gatehouse/ui'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { ticketLine } from './answer-words.ts'
import type { Person } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

function presenceWord(person: Person, format: Format): { readonly text: string; readonly tone: string } {
  const t = words()
  if (person.status === 'cancelled') return { text: t.cancelled, tone: 'deny' }
  if (person.status === 'blocked') return { text: t.blocked, tone: 'deny' }
  if (!person.presence) return { text: t.notYet, tone: 'soft' }
  const time = format.time(person.presence.lastAt)
  return person.presence.inside ? { text: t.inSince(time), tone: 'already' } : { text: t.leftAt(time), tone: 'exit' }
}

function Result({
  kiosk,
  format,
  person,
}: {
  readonly kiosk: Kiosk
  readonly format: Format
  readonly person: Person
}) {
  const presence = presenceWord(person, format)
  return (
    <li>
      <button type="button" class="result" onClick={() => kiosk.go({ name: 'person', person })}>
        <strong>{person.name ?? person.id.slice(-8)}</strong>
        <span class="soft">{ticketLine({ ...person, zones: [] }, kiosk.state.value)}</span>
        <span class={`presence ${presence.tone}`}>{presence.text}</span>
      </button>
    </li>
  )
}

function Outcome({
  kiosk,
  format,
  found,
}: {
  readonly kiosk: Kiosk
  readonly format: Format
  readonly found: Found<Person>
}) {
  const t = words(lang.value)
  if (!found) return <p class="soft note">{t.findHint}</p>
  if (found === 'failed') return <p class="problem note">{t.findFailed}</p>
  if (found.items.length === 0 && kiosk.state.value?.roster.hasNames === false) return <p class="note">{t.noNames}</p>
  if (found.items.length === 0) return <p class="note">{t.nobody(found.words)}</p>
  return (
    <ul class="results">
      {found.items.map((person) => (
        <Result key={person.id} kiosk={kiosk} format={format} person={person} />
      ))}
    </ul>
  )
}

export function Find({ kiosk, format }: { readonly kiosk: Kiosk; readonly format: Format }) {
  const t = words()
  const { text, found } = useSearch(kiosk.find)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), [])
  const count = found.value && found.value !== 'failed' ? t.found(format.number(found.value.items.length)) : ''
  return (
    <section class="sheet find" aria-label={t.find} onKeyDown={walkList}>
      <div class="field">
        <label for="find-text">{t.findLabel}</label>
        <input
          id="find-text"
          ref={input}
          class="input large"
          type="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value
          }}
        />
      </div>
      <p class="unseen" role="status">
        {count}
      </p>
      <Outcome kiosk={kiosk} format={format} found={found.value} />
    </section>
  )
}
