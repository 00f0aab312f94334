/** The gates one below the other: how busy, how long the queue, and what each one has not told us or does not know yet. */
import { countdown, type Format, lang } from '@gatehouse/ui'
import type { GateNumbers } from './cloud-api.ts'
import { changesBehind, fullLoad, unsentOf } from './needs-you.ts'
import type { Shown } from './shown.ts'
import { words } from './words.ts'

function LoadBar({ load, format }: { readonly load: number; readonly format: Format }) {
  const t = words()
  const isFull = load > fullLoad
  return (
    <span class={`load ${isFull ? 'full' : ''}`}>
      <span class="load-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(100, load * 100)}%` }} />
      </span>
      <span class="load-text">
        {format.percent(load)}
        {isFull && (
          <strong class="mark" title={t.overloadedMark}>
            !<span class="unseen"> {t.overloadedMark}</span>
          </strong>
        )}
      </span>
    </span>
  )
}

interface RowProps {
  readonly gate: GateNumbers
  readonly at: number
  readonly format: Format
}

/** What an organizer should know about this gate beyond its numbers; empty when there is nothing. */
function notes(gate: GateNumbers, at: number, format: Format): readonly string[] {
  const t = words()
  const said: string[] = []
  if (gate.state === 'away') said.push(t.gateAway(gate.since === null ? '–' : format.when(gate.since, at)))
  if (gate.state === 'never') said.push(t.gateNever)
  if (gate.state === 'revoked') said.push(t.gateRevoked)
  const unsent = unsentOf(gate, at)
  if (unsent > 0) said.push(t.unsent(format.number(unsent)))
  const changes = changesBehind(gate, at)
  if (changes > 0) {
    const count = format.number(changes)
    const since = gate.rosterBehindSince
    said.push(since ? t.doesNotKnowSince(count, format.when(since, at)) : t.doesNotKnow(count))
  }
  if (gate.parked) said.push(t.parked(format.number(gate.parked)))
  return said
}

function NumbersRow({ gate, at, format }: RowProps) {
  const isOnline = gate.state === 'online'
  return (
    <tr>
      <th scope="row">{gate.name}</th>
      <td>{isOnline ? <LoadBar load={gate.load} format={format} /> : '–'}</td>
      <td class="figure">{isOnline ? countdown(gate.waitSec * 1000) : '–'}</td>
      <td class="figure wide-only">{format.number(gate.perMinute)}</td>
      <td class="figure wide-only">{format.number(gate.total)}</td>
      <td class="figure wide-only">{gate.lastAt === null ? '–' : format.when(gate.lastAt, at)}</td>
    </tr>
  )
}

/** The gate's notes have a line of their own, as wide as the table, so that the columns of numbers stay narrow. */
function Row(props: RowProps) {
  const said = notes(props.gate, props.at, props.format)
  return (
    <tbody>
      <NumbersRow {...props} />
      {said.length > 0 && (
        <tr class="notes-row">
          <td colSpan={6}>{said.join(' · ')}</td>
        </tr>
      )}
    </tbody>
  )
}

export function Gates({ numbers: { overview, at }, format, asOf }: Shown) {
  const t = words(lang.value)
  return (
    <section class="panel part gates" aria-labelledby="gates-title">
      <div class="part-top">
        <h2 id="gates-title">{t.gates}</h2>
        {asOf && <p class="old">{t.asOf(asOf)}</p>}
      </div>
      {overview.gates.length === 0 ? (
        <p class="empty">{t.noGates}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="gates-title">
          <table>
            <thead>
              <tr>
                <th scope="col">{t.gate}</th>
                <th scope="col">{t.load}</th>
                <th scope="col" class="figure">
                  {t.wait}
                </th>
                <th scope="col" class="figure wide-only">
                  {t.perMinShort}
                </th>
                <th scope="col" class="figure wide-only">
                  {t.admitted}
                </th>
                <th scope="col" class="figure wide-only">
                  {t.lastScan}
                </th>
              </tr>
            </thead>
            {overview.gates.map((gate) => (
              <Row key={gate.id} gate={gate} at={at} format={format} />
            ))}
          </table>
        </div>
      )}
    </section>
  )
}
