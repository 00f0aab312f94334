/**
 * What really happened, written down by the visitors and the organizer themselves and never by the product: each presentation
 * before it is judged, the door as it was seen to move, the organizer's wishes as they were at each numbered version. The
 * invariants compare the product's own records with this.
 */
import type { GateId } from '@gatehouse/domain'
import {
  addRow,
  canonicalJson,
  emptyBuckets,
  type ParticipantLine,
  type RosterLine,
  removeRow,
  rootOf,
} from '@gatehouse/protocol'

export interface Presented {
  readonly key: string
  readonly gate: GateId
  readonly at: number
  /** The visitor saw an answer: exactly one fact must reach the cloud, unless its disk is lost first. */
  isSeen: boolean
  outcome?: string
  /** Times it was found in the cloud. */
  facts: number
  excused: boolean
}

interface RosterTruth {
  /** What the organizer wants now. */
  readonly wanted: ReadonlyMap<string, RosterLine>
  want(line: RosterLine): void
  /** All wishes so far have numbers up to this version. */
  wholeAt(version: number): void
  /** The participant as wanted at a version; undefined for a version that is not whole or not there. */
  at(version: number, id: string): ParticipantLine | 'nobody' | undefined
  rootAt(version: number): string | undefined
}

function createRosterTruth(): RosterTruth {
  const wanted = new Map<string, RosterLine>()
  const buckets = emptyBuckets()
  const changedSince = new Set<string>()
  const history = new Map<string, { readonly version: number; readonly line: RosterLine | undefined }[]>()
  const roots = new Map<number, string>()

  function want(line: RosterLine): void {
    const [kind, id] = line.kind === 'remove' ? [line.of, line.id] : [line.kind, line.id]
    const key = `${kind}:${id}`
    const old = wanted.get(key)
    if (old) removeRow(buckets, kind, id, canonicalJson(old))
    wanted.delete(key)
    if (line.kind !== 'remove') {
      wanted.set(key, line)
      addRow(buckets, kind, id, canonicalJson(line))
    }
    changedSince.add(key)
  }

  function wholeAt(version: number): void {
    for (const key of changedSince) {
      const versions = history.get(key) ?? []
      versions.push({ version, line: wanted.get(key) })
      history.set(key, versions)
    }
    changedSince.clear()
    roots.set(version, rootOf(buckets))
  }

  function at(version: number, id: string): ParticipantLine | 'nobody' | undefined {
    if (!roots.has(version)) return undefined
    const line = history.get(`participant:${id}`)?.findLast((each) => each.version <= version)?.line
    return line?.kind === 'participant' ? line : 'nobody'
  }

  return { wanted, want, wholeAt, at, rootAt: (version) => roots.get(version) }
}

export interface Truth {
  readonly roster: RosterTruth
  readonly presented: Map<string, Presented>
  readonly violations: string[]
  violate(invariant: string, what: string): void
}

export function createTruth(now: () => number): Truth {
  const violations: string[] = []
  return {
    roster: createRosterTruth(),
    presented: new Map(),
    violations,
    violate(invariant, what) {
      if (violations.length < 20) violations.push(`${invariant} at ${(now() / 1000).toFixed(3)} s: ${what}`)
    },
  }
}
