/**
 * Lets an alert that every batch of a gate would raise through once per epoch: a gate that never signs is one thing to look into, not a
 * thousand. It remembers in memory and not for ever, so after a restart, or among very many epochs, it may be said again.
 */
import type { Alert } from './check-batch.ts'
import type { IngestAlert } from './needs.ts'

const REPEATING: ReadonlySet<IngestAlert['what']> = new Set<Alert['what']>(['unsigned'])

export function oncePerEpoch(alert: (alert: IngestAlert) => void, epochsKept: number): (alert: IngestAlert) => void {
  const said = new Set<string>()
  return (given) => {
    if (!REPEATING.has(given.what)) return alert(given)
    const key = `${given.what} ${given.gate} ${given.epoch}`
    if (said.has(key)) return
    said.add(key)
    const oldest = said.size > epochsKept ? said.values().next().value : undefined
    if (oldest !== undefined) said.delete(oldest)
    alert(given)
  }
}
