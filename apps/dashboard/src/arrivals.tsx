/**
 * Arrivals per minute: bars for entries, a line for exits, in the event's time. The same numbers stand in a table for whoever cannot
 * see or does not trust a picture.
 */
import { type Format, lang } from '@gatehouse/ui'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Minute } from './cloud-api.ts'
import type { Shown } from './shown.ts'
import { words } from './words.ts'

const minuteMs = 60_000
/** Fewer minutes than this would make bars as wide as hands. */
const leastMinutes = 30

/** Every minute from the first to `until`, the empty ones as zeros, so that a pause is seen as one. */
function everyMinute(minutes: readonly Minute[], until: number): readonly Minute[] {
  const last = Math.floor(until / minuteMs) * minuteMs
  const first = Math.min(minutes[0]?.at ?? last, last - (leastMinutes - 1) * minuteMs)
  const byAt = new Map(minutes.map((minute) => [minute.at, minute]))
  const count = Math.min(180, Math.round((last - first) / minuteMs) + 1)
  return Array.from({ length: count }, (_, turn) => {
    const at = last - (count - 1 - turn) * minuteMs
    return byAt.get(at) ?? { at, entries: 0, exits: 0 }
  })
}

function columns(minutes: readonly Minute[]): uPlot.AlignedData {
  return [minutes.map(({ at }) => at / 1000), minutes.map(({ entries }) => entries), minutes.map(({ exits }) => exits)]
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function optionsFor(width: number, height: number, format: Format, scale: number): uPlot.Options {
  const ink = token('--soft-ink')
  const font = `${12 * scale}px ${token('--font')}`
  const axis: uPlot.Axis = { stroke: ink, font, grid: { stroke: token('--line'), width: 1 }, ticks: { show: false } }
  const bars = uPlot.paths.bars?.({ size: [0.72, 40 * scale], align: 1 })
  return {
    width,
    height,
    padding: [12 * scale, 12 * scale, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // A bar stands to the right of its minute's start: without room the present minute would be off the picture.
      x: { time: true, range: (_plot, from, until) => [from, until + minuteMs / 1000] },
      y: { range: (_plot, _low, high) => [0, Math.max(5, Math.ceil(high * 1.1))] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28 * scale,
        space: 72 * scale,
        incrs: [300, 600, 900, 1800, 3600],
        values: (_plot, ticks) => ticks.map((tick) => format.time(tick * 1000)),
      },
      { ...axis, size: 44 * scale, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], space: 32 * scale },
    ],
    series: [
      {},
      {
        fill: token('--accent'),
        stroke: token('--accent'),
        width: 0,
        points: { show: false },
        ...(bars ? { paths: bars } : {}),
      },
      { stroke: token('--exit-ink'), width: 2 * scale, points: { show: false } },
    ],
  }
}

function Chart({ minutes, format }: { readonly minutes: readonly Minute[]; readonly format: Format }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  useEffect(() => {
    const element = place.current
    if (!element) return () => {}
    const scale = Number.parseFloat(getComputedStyle(element).fontSize) / 16
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(
        optionsFor(element.clientWidth, element.clientHeight, format, scale),
        columns(minutes),
        element,
      )
    }
    draw()
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    resized.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [lang.value])
  useEffect(() => plot.current?.setData(columns(minutes)), [minutes])
  const peak = minutes.reduce((most, minute) => (minute.entries > most.entries ? minute : most))
  const said = words().chartSays(format.number(peak.entries), format.time(peak.at))
  return <div ref={place} class="chart" role="img" aria-label={said} />
}

function MinuteTable({ minutes, format }: { readonly minutes: readonly Minute[]; readonly format: Format }) {
  const t = words()
  return (
    <div class="scroll chart" tabIndex={0} role="group" aria-label={t.arrivals}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.minute}</th>
            <th scope="col" class="figure">
              {t.entries}
            </th>
            <th scope="col" class="figure">
              {t.exits}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...minutes].reverse().map(({ at, entries, exits }) => (
            <tr key={at}>
              <th scope="row">{format.time(at)}</th>
              <td class="figure">{format.number(entries)}</td>
              <td class="figure">{format.number(exits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Arrivals({ numbers: { overview, at }, format, asOf }: Shown) {
  const t = words(lang.value)
  const isTable = useSignal(false)
  const isEmpty = overview.minutes.length === 0
  const minutes = everyMinute(overview.minutes, at)
  const { startsAt } = overview.event
  return (
    <section class="panel part arrivals" aria-labelledby="arrivals-title">
      <div class="part-top">
        <h2 id="arrivals-title">{t.arrivals}</h2>
        {!isEmpty && (
          <p class="keys" aria-hidden="true">
            <span class="key entries">{t.entries}</span>
            <span class="key exits">{t.exits}</span>
          </p>
        )}
        {asOf && <p class="old">{t.asOf(asOf)}</p>}
        {!isEmpty && (
          <button type="button" class="button quiet control" onClick={() => (isTable.value = !isTable.value)}>
            {isTable.value ? t.asChart : t.asTable}
          </button>
        )}
      </div>
      {isEmpty ? (
        <p class="empty">
          {t.noArrivals} {startsAt !== null && startsAt > at && t.opensAt(format.when(startsAt, at))}
        </p>
      ) : isTable.value ? (
        <MinuteTable minutes={minutes} format={format} />
      ) : (
        <Chart minutes={minutes} format={format} />
      )}
    </section>
  )
}
