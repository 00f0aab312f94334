/** The newest answers of all gates, newest first: time, answer, gate, means, and why when it was not a plain admission. */
import { answerOf } from '@gatehouse/domain'
import { type Format, type Lang, lang, reasonLabel, Shape } from '@gatehouse/ui'
import type { Scan } from './cloud-api.ts'
import type { Shown } from './shown.ts'
import { words } from './words.ts'

const shownScans = 12

/** The cloud's flags in words; one that is not known yet is left out here and stays visible in the export. */
function flagWord(flag: string, speaking: Lang): string | undefined {
  const t = words(speaking)
  const known: Record<string, string> = {
    duplicate: t.flagDuplicate,
    'double-entry': t.flagDouble,
    'revoked-before': t.flagRevoked,
    'outside-hours': t.flagHours,
    'unknown-participant': t.flagUnknown,
    'signed-unknown': t.flagUnknown,
    'clock-unknown': t.flagClock,
    'clock-untrusted': t.flagClock,
    future: t.flagClock,
    override: t.flagOverride,
    undone: t.flagUndone,
    'event-not-assigned': t.flagOtherEvent,
    offline: t.madeAlone,
  }
  return known[flag]
}

function viaWord(method: Scan['method']): string {
  const t = words()
  return { qr_scan: t.viaQr, ble_auto: t.viaBle, manual: t.viaManual }[method]
}

function remarks(scan: Scan): string {
  const said = [
    scan.reason ? reasonLabel(scan.reason, lang.value) : '',
    ...scan.flags.filter((flag) => flag !== scan.reason).map((flag) => flagWord(flag, lang.value) ?? ''),
    scan.offline ? words().madeAlone : '',
  ]
  return [...new Set(said.filter((text) => text !== ''))].join(' · ')
}

function Line({ scan, format }: { readonly scan: Scan; readonly format: Format }) {
  const t = words()
  const meaning = answerOf({ outcome: scan.outcome, direction: scan.direction })
  const answer = {
    admit: t.answerAdmit,
    look: t.answerLook,
    already: t.answerAlready,
    ask: t.answerAsk,
    deny: t.answerDeny,
    exit: t.answerExit,
  }[meaning]
  return (
    <li class={meaning}>
      <time>{format.time(scan.at)}</time>
      <Shape of={meaning} size="1.25em" title={answer} />
      <span class="scan-gate">{scan.gateName}</span>
      <span class="soft">{viaWord(scan.method)}</span>
      <span class="scan-who" title={scan.name ?? undefined}>
        {scan.name ?? scan.ticketType ?? ''}
      </span>
      <span class="scan-why">{remarks(scan)}</span>
    </li>
  )
}

export function Scans({ numbers: { scans }, format, asOf }: Shown) {
  const t = words()
  return (
    <section class="panel part scans" aria-labelledby="scans-title">
      <div class="part-top">
        <h2 id="scans-title">{t.last}</h2>
        {asOf && <p class="old">{t.asOf(asOf)}</p>}
      </div>
      {scans.length === 0 ? (
        <p class="empty">{t.noScans}</p>
      ) : (
        <ol>
          {scans.slice(0, shownScans).map((scan) => (
            <Line key={scan.id} scan={scan} format={format} />
          ))}
        </ol>
      )}
    </section>
  )
}
