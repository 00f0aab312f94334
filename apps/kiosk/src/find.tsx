/**
 * Finding one person by two or three letters. Each keystroke asks the gate again and calls off the question before it, so that an
 * early slow answer never replaces a later one.
 */
import { type Format, lang } from '@gatehouse/ui'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ticketLine } from './answer-words.ts'
import type { Person } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

const minLetters = 2
const pauseMs = 120

export function presenceWord(person: Person, format: Format): { readonly text: string; readonly tone: string } {
  const t = words()
  if (person.status === 'cancelled') return { text: t.cancelled, tone: 'deny' }
  if (person.status === 'blocked') return { text: t.blocked, tone: 'deny' }
  if (!person.presence) return { text: t.notYet, tone: 'soft' }
  const time = format.time(person.presence.lastAt)
  return person.presence.inside ? { text: t.inSince(time), tone: 'already' } : { text: t.leftAt(time), tone: 'exit' }
}

type Found = { readonly words: string; readonly people: readonly Person[] } | 'failed' | undefined

/** One Korean syllable says as much as two letters. */
function isEnough(text: string): boolean {
  return text.length >= minLetters || /[가-힣]/.test(text)
}

function useSearch(kiosk: Kiosk) {
  const text = useSignal('')
  const found = useSignal<Found>(undefined)
  useEffect(() => {
    const asked = text.value.trim()
    const stop = new AbortController()
    if (!isEnough(asked)) {
      found.value = undefined
      return () => {}
    }
    const timer = setTimeout(async () => {
      const answer = await kiosk.find(asked, stop.signal)
      if (stop.signal.aborted) return
      found.value = answer.ok ? { words: asked, people: answer.value.people } : 'failed'
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text.value])
  return { text, found }
}

/** Arrow keys walk through field and results as one list. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const places = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('input, .results button')]
  const next = places[places.indexOf(document.activeElement as HTMLElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
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

function Outcome({ kiosk, format, found }: { readonly kiosk: Kiosk; readonly format: Format; readonly found: Found }) {
  const t = words(lang.value)
  if (!found) return <p class="soft note">{t.findHint}</p>
  if (found === 'failed') return <p class="problem note">{t.findFailed}</p>
  if (found.people.length === 0) return <p class="note">{t.nobody(found.words)}</p>
  return (
    <ul class="results">
      {found.people.map((person) => (
        <Result key={person.id} kiosk={kiosk} format={format} person={person} />
      ))}
    </ul>
  )
}

export function Find({ kiosk, format }: { readonly kiosk: Kiosk; readonly format: Format }) {
  const t = words()
  const { text, found } = useSearch(kiosk)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const count = found.value && found.value !== 'failed' ? t.found(format.number(found.value.people.length)) : ''
  return (
    <section class="sheet find" aria-label={t.find} onKeyDown={walk}>
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
