/** One ticket, two gates: who, where and when first, where and when again, and the time between. */
import { type Format, lang, span } from '@gatehouse/ui'
import type { DoubleEntry } from './cloud-api.ts'
import { words } from './words.ts'

interface DoubleEntriesProps {
  readonly entries: readonly DoubleEntry[]
  readonly format: Format
}

function Row({ entry, format }: { readonly entry: DoubleEntry; readonly format: Format }) {
  const { first, second } = entry
  return (
    <tr>
      <th scope="row">
        {entry.name ?? words().unnamed}
        {entry.ticketType && <span class="gate-notes">{entry.ticketType}</span>}
      </th>
      <td>
        {first.gateName} <span class="nowrap">{format.timeSec(first.at)}</span>
      </td>
      <td>
        {second.gateName} <span class="nowrap">{format.timeSec(second.at)}</span>
      </td>
      <td class="figure">{span(second.at - first.at, lang.value)}</td>
    </tr>
  )
}

export function DoubleEntries({ entries, format }: DoubleEntriesProps) {
  const t = words()
  return (
    <section class="panel part doubles" aria-labelledby="doubles-title">
      <div class="part-top">
        <h2 id="doubles-title">{t.doubleTitle}</h2>
      </div>
      {entries.length === 0 ? (
        <p class="empty">{t.noDouble}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="doubles-title">
          <table>
            <thead>
              <tr>
                <th scope="col">{t.who}</th>
                <th scope="col">{t.firstEntry}</th>
                <th scope="col">{t.secondEntry}</th>
                <th scope="col" class="figure">
                  {t.gap}
                </th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} format={format} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
