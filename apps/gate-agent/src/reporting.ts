/**
 * How this gate is, told to those who are not there: the status for the cloud, and the checks that status, staff page and
 * monitoring share.
 */
import type { Clock } from '@gatehouse/runtime'
import type { CloudSide } from './cloud-side.ts'
import type { Handover } from './handover.ts'
import { watchHealth } from './health/checks.ts'
import { createStatusReport, type StatusReport } from './health/status.ts'
import type { Instruments } from './instruments.ts'
import type { Judging } from './judging.ts'
import type { Sensing } from './sensing.ts'
import type { Stores } from './stores.ts'
import { SOFTWARE } from './version.ts'

export interface ReportingNeeds {
  /** Folder of the data; how full its disk is stands in the status. */
  readonly folder: string
  readonly handover: Handover
  readonly clock: Clock
  readonly stores: Stores
  readonly cloud: CloudSide
  readonly door: Judging['door']
  readonly readings: Sensing['readings']
  readonly instruments: Pick<Instruments, 'health' | 'times'>
}

export function createReporting(needs: ReportingNeeds): StatusReport {
  const { folder, handover, clock, cloud, door, readings } = needs
  const { journal, roster, trusted } = needs.stores
  const { health, times } = needs.instruments
  const now = () => trusted.now()
  watchHealth(health, { journal, roster, handover, trusted, link: cloud.link, door, readings, now })
  return createStatusReport({
    software: SOFTWARE,
    folder,
    clock,
    now,
    unsent: () => journal.unsent(),
    feeds: () => cloud.feeds.positions(),
    clockState: () => trusted.state(),
    checks: () => health.report().checks,
    decisions() {
      const { total, admit, deny } = times.totals()
      return { total, admit, deny, p99Us: times.p99Us() }
    },
    publish: (status) => cloud.publishStatus(status),
  })
}
