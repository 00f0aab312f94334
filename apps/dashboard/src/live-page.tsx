/**
 * What an organizer asks on the day, on one page: how many are in, how fast they come, where the queue is, which gate needs help. It
 * follows the live connection of one event; when that is lost every number says from when it is.
 */
import { afterTimeout, createFormat, type Freshness, keepLive, lang, socketStream } from '@gatehouse/ui'
import { type Signal, useComputed, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Arrivals } from './arrivals.tsx'
import type { Cloud, DoubleEntry, EventSummary, LiveMessage } from './cloud-api.ts'
import { DoubleEntries } from './double-entries.tsx'
import type { Door } from './entrance.tsx'
import { Frame } from './frame.tsx'
import { Gates } from './gates.tsx'
import { hearLive, type LiveNumbers } from './live-numbers.ts'
import { NeedsYou } from './needs.tsx'
import { Scans } from './scans.tsx'
import type { Shown } from './shown.ts'
import { Tiles } from './tiles.tsx'
import { words } from './words.ts'

interface LivePageProps {
  readonly cloud: Cloud
  readonly door: Door
  readonly event: EventSummary
}

function useLive({ cloud, door, event }: LivePageProps) {
  const numbers = useSignal<LiveNumbers | undefined>(undefined)
  const freshness = useSignal<Freshness>({ live: false })
  useEffect(() => {
    numbers.value = undefined
    return keepLive({
      open: socketStream(cloud.livePath(event.id), () => door.turnAway()),
      onMessage: (_type, message) => {
        numbers.value = hearLive(numbers.value, message as LiveMessage)
      },
      onFreshness: (next) => {
        freshness.value = next
      },
      now: () => Date.now(),
      random: Math.random,
      after: afterTimeout,
      silentMs: 35_000,
    })
  }, [event.id])
  return { numbers, freshness }
}

/** The pairs behind the count; asked for again whenever the count has changed. */
function useDoubleEntries(cloud: Cloud, event: EventSummary, numbers: Signal<LiveNumbers | undefined>) {
  const entries = useSignal<readonly DoubleEntry[]>([])
  const count = useComputed(() => numbers.value?.overview.totals.doubleEntries ?? 0).value
  useEffect(() => {
    let isCurrent = true
    if (count === 0) entries.value = []
    else {
      void cloud.doubleEntries(event.id).then((asked) => {
        if (isCurrent && asked.ok) entries.value = asked.value
      })
    }
    return () => {
      isCurrent = false
    }
  }, [event.id, count])
  return entries
}

export function LivePage(props: LivePageProps) {
  const { cloud, door, event } = props
  const { numbers, freshness } = useLive(props)
  const doubles = useDoubleEntries(cloud, event, numbers)
  const t = words(lang.value)
  const format = createFormat(lang.value, event.timeZone)
  const held = numbers.value
  const isLive = freshness.value.live && held !== undefined && !held.isWaitingForSnapshot
  const asOf = held && !isLive ? format.when(held.at, Date.now()) : undefined
  const state = isLive ? t.live : asOf ? t.asOf(asOf) : t.connecting
  const isWall = location.pathname === '/wall'
  const shown: Shown | undefined = held && { numbers: held, format, ...(asOf ? { asOf } : {}) }
  return (
    <div class={`live-page ${isWall ? 'wall' : ''}`}>
      <Frame door={door} event={event} format={format} page="live" freshness={{ text: state, isLive }} />
      <main>
        {asOf && (
          <p class="banner" role="alert">
            {t.connectionLost(asOf)}
          </p>
        )}
        {shown && (
          <>
            <Tiles {...shown} />
            <div class="columns">
              <Arrivals {...shown} />
              <Gates {...shown} />
            </div>
            <NeedsYou {...shown} />
            <div class="columns">
              <Scans {...shown} />
              <DoubleEntries entries={doubles.value} format={format} />
            </div>
          </>
        )}
      </main>
    </div>
  )
}
