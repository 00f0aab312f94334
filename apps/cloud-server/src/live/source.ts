/** Joins the numbers and the last scans of an event into the picture that viewers get. */
import type { Overviews } from '../stats/overview.ts'
import type { Scans } from '../stats/scans.ts'
import type { LiveSource } from './hub.ts'
import { LAST_SCANS } from './message.ts'

export function createLiveSource({ overviews, scans }: { overviews: Overviews; scans: Scans }): LiveSource {
  return {
    revision: (event) => overviews.revision(event),
    async picture(org, event) {
      const [overview, last] = await Promise.all([overviews.read(org, event), scans.last(org, event, LAST_SCANS)])
      return overview && { overview, scans: last }
    },
  }
}
