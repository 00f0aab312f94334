/**
 * What the cloud side notices, and who is told. The cloud side is made before those who are told, so they are given as
 * functions that are asked only when something is noticed.
 */
import type { Logger } from '@gatehouse/runtime'
import type { Admit } from './admit/admit.ts'
import type { CloudSideNeeds } from './cloud-side.ts'
import type { StatusReport } from './health/status.ts'
import type { Instruments } from './instruments.ts'
import type { LiveStream } from './kiosk-api/live-stream.ts'

export interface Told {
  readonly admit: () => Pick<Admit, 'system'>
  readonly status: () => Pick<StatusReport, 'changed'>
  readonly live: Pick<LiveStream, 'heartbeat'>
  readonly counted: Pick<Instruments['counted'], 'feed' | 'refused'>
  readonly logger: Logger
}

type Notes = Pick<CloudSideNeeds, 'onUplinkNote' | 'onFeedNote' | 'onLinkChange' | 'refused'>

export function cloudNotes({ admit, status, live, counted, logger }: Told): Notes {
  return {
    onUplinkNote(note) {
      logger.error({ ...note }, 'uplink')
      if (note.what === 'new-epoch') admit().system('new-epoch', { ended: note.ended })
    },
    onFeedNote(note) {
      counted.feed(note.what)
      if (note.what === 'applied') status().changed()
      else logger.warn({ ...note }, 'feed')
    },
    onLinkChange() {
      live.heartbeat()
      status().changed()
    },
    refused: (reason) => counted.refused(reason),
  }
}
