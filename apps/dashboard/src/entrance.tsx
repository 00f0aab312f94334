/**
 * What every page of the organizer has in front of it: a session and an event. Without a session it asks for a key; with both it
 * draws the page for that event. The chosen event is in the address, so that a link leads to the same numbers.
 */
import { lang } from '@gatehouse/ui'
import { signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Cloud, EventSummary, Session } from './cloud-api.ts'
import { words } from './words.ts'

export type Entrance =
  | { readonly at: 'looking' }
  | { readonly at: 'door'; readonly isOldLink: boolean }
  | { readonly at: 'away' }
  | {
      readonly at: 'in'
      readonly session: Session
      readonly events: readonly EventSummary[]
      readonly event: EventSummary | undefined
    }

const retryMs = 3_000

function chosenEvent(events: readonly EventSummary[], now: number): EventSummary | undefined {
  const wanted = new URLSearchParams(location.search).get('event')
  const running = events.find(
    ({ startsAt, endsAt }) => (startsAt ?? 0) - 3_600_000 <= now && now <= (endsAt ?? now) + 3_600_000,
  )
  return events.find(({ id }) => id === wanted) ?? running ?? events[0]
}

function tidyAddress(change: (query: URLSearchParams) => void): void {
  const query = new URLSearchParams(location.search)
  change(query)
  const text = query.toString()
  history.replaceState(null, '', text ? `${location.pathname}?${text}` : location.pathname)
}

export function createEntrance(cloud: Cloud) {
  const entrance = signal<Entrance>({ at: 'looking' })
  let isOldLink = new URLSearchParams(location.search).has('login-failed')

  async function comeIn(session: Session): Promise<void> {
    const events = await cloud.events()
    if (!events.ok) {
      entrance.value = events.away ? { at: 'away' } : { at: 'door', isOldLink }
      return
    }
    const event = chosenEvent(events.value, Date.now())
    entrance.value = { at: 'in', session, events: events.value, event }
  }

  async function look(): Promise<void> {
    tidyAddress((query) => {
      query.delete('login-failed')
      query.delete('login')
    })
    const session = await cloud.session()
    if (session.ok) await comeIn(session.value)
    else if (session.away) entrance.value = { at: 'away' }
    else entrance.value = { at: 'door', isOldLink }
    if (entrance.value.at === 'away') setTimeout(() => void look(), retryMs)
  }

  /** Gives what went wrong, or nothing. */
  async function signIn(key: string): Promise<'wrong' | 'away' | undefined> {
    const session = await cloud.signIn(key)
    if (!session.ok) return session.away ? 'away' : 'wrong'
    isOldLink = false
    await comeIn(session.value)
    return undefined
  }

  function choose(id: string): void {
    const now = entrance.value
    if (now.at !== 'in') return
    tidyAddress((query) => query.set('event', id))
    entrance.value = { ...now, event: now.events.find((event) => event.id === id) ?? now.event }
  }

  async function signOut(): Promise<void> {
    await cloud.signOut()
    entrance.value = { at: 'door', isOldLink: false }
  }

  return {
    entrance,
    look,
    signIn,
    signOut,
    choose,
    turnAway: () => (entrance.value = { at: 'door', isOldLink: false }),
  }
}

export type Door = ReturnType<typeof createEntrance>

function SignIn({ door, isOldLink }: { readonly door: Door; readonly isOldLink: boolean }) {
  const t = words(lang.value)
  const key = useSignal('')
  const trouble = useSignal<'missing' | 'wrong' | 'away' | undefined>(undefined)
  const texts = { missing: t.signInMissing, wrong: t.signInWrong, away: t.signInAway }
  const signIn = async (text: string) => {
    trouble.value = text ? await door.signIn(text) : 'missing'
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void signIn(key.value.trim())
  }
  return (
    <main class="door">
      <form class="panel door-form" onSubmit={submit} noValidate>
        <h1>{t.signInTitle}</h1>
        {isOldLink && <p role="status">{t.loginOld}</p>}
        <div class="field">
          <label for="key">{t.signInLabel}</label>
          <p id="key-hint" class="hint">
            {t.signInHint}
          </p>
          <input
            id="key"
            class="input"
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            value={key.value}
            aria-invalid={trouble.value !== undefined}
            aria-describedby="key-hint key-problem"
            onInput={(event) => {
              key.value = event.currentTarget.value
              trouble.value = undefined
            }}
          />
          <p id="key-problem" class="problem" role="alert">
            {trouble.value && texts[trouble.value]}
          </p>
        </div>
        <button type="submit" class="button primary">
          {t.signInGo}
        </button>
      </form>
    </main>
  )
}

interface GateProps {
  readonly door: Door
  readonly children: (event: EventSummary) => ComponentChildren
}

export function WithEvent({ door, children }: GateProps) {
  const t = words(lang.value)
  useEffect(() => void door.look(), [])
  const now = door.entrance.value
  if (now.at === 'door') return <SignIn door={door} isOldLink={now.isOldLink} />
  if (now.at === 'in' && now.event) return <>{children(now.event)}</>
  const text = { looking: t.connecting, away: t.cloudAway, in: t.noEvents }[now.at]
  return (
    <main class="door">
      <h1 class="unseen">Gatehouse</h1>
      <p role="status">{text}</p>
    </main>
  )
}
