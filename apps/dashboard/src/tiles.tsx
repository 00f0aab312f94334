/** The three numbers that are read first, each with what is missing from it and how old it is when it is not live. */
import { lang } from '@gatehouse/ui'
import type { Totals } from './cloud-api.ts'
import { notYetCounted } from './needs-you.ts'
import type { Shown } from './shown.ts'
import { words } from './words.ts'

interface TileProps {
  readonly label: string
  readonly value: string
  readonly beside?: string
  readonly below?: string | undefined
  readonly asOf?: string | undefined
}

function Tile({ label, value, beside, below, asOf }: TileProps) {
  return (
    <div class="tile panel">
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong>
        {beside && <span class="beside">{beside}</span>}
        {asOf && <span class="below old">{words().asOf(asOf)}</span>}
        {below && <span class="below">{below}</span>}
      </dd>
    </div>
  )
}

function trendText(trend: Totals['trend']): string {
  const t = words()
  return { rising: `▲ ${t.trendRising}`, steady: `▬ ${t.trendSteady}`, falling: `▼ ${t.trendFalling}` }[trend]
}

export function Tiles({ numbers: { overview }, format, asOf }: Shown) {
  const t = words(lang.value)
  const { totals } = overview
  const missing = notYetCounted(overview)
  const names = missing.gates.join(', ')
  const below =
    missing.gates.length === 0
      ? undefined
      : missing.count > 0
        ? t.notCounted(format.number(missing.count), names)
        : t.notCountedUnknown(names)
  return (
    <dl class="tiles">
      <Tile label={t.inside} value={format.number(totals.inside)} below={below} asOf={asOf} />
      <Tile
        label={t.arrived}
        value={format.number(totals.arrived)}
        beside={t.arrivedOf(format.number(totals.participants), format.percent(totals.rate / 100))}
        below={below}
        asOf={asOf}
      />
      <Tile label={t.perMin} value={format.number(totals.perMinute)} beside={trendText(totals.trend)} asOf={asOf} />
      <Tile
        label={t.refused}
        value={format.number(totals.denied)}
        beside={t.askedOf(format.number(totals.asked))}
        asOf={asOf}
      />
    </dl>
  )
}
