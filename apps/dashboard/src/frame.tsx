/** The line on top of the organizer's pages: which event, how fresh, what time it is there, where else to go. */
import { type Format, LangSwitch } from '@gatehouse/ui'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { EventSummary } from './cloud-api.ts'
import type { Door } from './entrance.tsx'
import { words } from './words.ts'

interface FrameProps {
  readonly door: Door
  readonly event: EventSummary
  readonly format: Format
  readonly page: 'live' | 'desk'
  /** "live", "as of 09:05"; missing where the page has no live numbers. */
  readonly freshness?: { readonly text: string; readonly isLive: boolean }
}

function EventChoice({ door, event }: Pick<FrameProps, 'door' | 'event'>) {
  const now = door.entrance.value
  const events = now.at === 'in' ? now.events : []
  if (events.length < 2) return <h1 class="event-name">{event.name}</h1>
  return (
    <>
      <h1 class="unseen">{event.name}</h1>
      <select
        class="input event-choice"
        aria-label={words().event}
        value={event.id}
        onChange={(change) => door.choose(change.currentTarget.value)}
      >
        {events.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </>
  )
}

function Clock({ format }: { readonly format: Format }) {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 500)
    return () => clearInterval(timer)
  }, [])
  const zone = format.zone(now.value)
  return (
    <time class="frame-clock">
      {format.timeSec(now.value)}
      {zone && <span class="soft"> {zone}</span>}
    </time>
  )
}

export function Frame({ door, event, format, page, freshness }: FrameProps) {
  const t = words()
  const query = `?event=${event.id}`
  return (
    <header class="frame">
      <span class="brand" aria-hidden="true">
        Gatehouse
      </span>
      <EventChoice door={door} event={event} />
      {freshness && (
        <p class={`freshness ${freshness.isLive ? 'is-live' : 'is-old'}`} role="status">
          {freshness.text}
        </p>
      )}
      <nav class="frame-nav" aria-label={t.pages}>
        <a class="button quiet" href={`/${query}`} aria-current={page === 'live' ? 'page' : undefined}>
          {t.pageLive}
        </a>
        <a class="button quiet" href={`/desk${query}`} aria-current={page === 'desk' ? 'page' : undefined}>
          {t.pageDesk}
        </a>
        <LangSwitch />
        <button type="button" class="button quiet" onClick={() => void door.signOut()}>
          {t.signOut}
        </button>
      </nav>
      <Clock format={format} />
    </header>
  )
}
