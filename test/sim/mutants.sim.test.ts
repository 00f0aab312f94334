import { checkBatch } from '@gatehouse/cloud-server/ingest/check-batch.ts'
import type { JournalStore } from '@gatehouse/gate-agent/store/ports.ts'
import { chainHash, encodeJournalLine, GENESIS } from '@gatehouse/protocol'
import { describe, expect, test } from 'vitest'
import type { Mutations } from './mutations.ts'
import { runSeed } from './world.ts'

/** Each mistake is planted from outside, by wrapping a port or replacing a pure function; the simulator must notice every one. */
const mutants: Record<string, Mutations> = {
  'the cloud acks the highest entry instead of the prefix': {
    ack: (ack) => ({ ...ack, through: Math.max(ack.through, ack.echo.to ?? 0) }),
  },
  'the cloud takes a repetition for a new fact': {
    check(input) {
      const { from, prev } = input.message.header
      const forgetful = { ...input.state, through: from - 1, head: prev, runs: [] }
      const checked = checkBatch({ ...input, held: new Map(), state: forgetful })
      const { through, head } = input.state
      const isBehind = checked && checked.after.through < through
      return isBehind ? { ...checked, after: { ...checked.after, through, head } } : checked
    },
  },
  'the gate moves its cursor before the rows': {
    roster: (roster) => ({
      ...roster,
      applyRoster({ from, to, lines }) {
        roster.applyRoster({ from, to, lines: [] })
        roster.applyRoster({ from: to, to, lines })
      },
    }),
  },
  'the cloud acks before the commit': {
    cloudStore: (store) => ({
      ...store,
      commit: async (batches) => void store.commit(batches).catch(() => undefined),
    }),
  },
  'a restored disk goes on with numbers that are taken': {
    ack: ({ v, epoch, through, parked, serverTime, echo }) => ({ v, epoch, through, parked, serverTime, echo }),
  },
  'a revocation is lost when changes are coalesced': {
    database(database) {
      const waiting = new Set<string>()
      const { changeRoster } = database
      return Object.assign(database, {
        changeRoster(line: Parameters<typeof changeRoster>[0]) {
          if (database.pending('roster') === 0) waiting.clear()
          if (waiting.has(line.id)) return
          waiting.add(line.id)
          changeRoster(line)
        },
      })
    },
  },
  'marks are forgotten at the ack, before the feed has brought them back': {
    journal: (journal) => ({
      ...journal,
      acknowledge(epoch, through, parked, again) {
        const rows = journal.acknowledge(epoch, through, parked, again)
        journal.forgetMarks(epoch, through)
        return rows
      },
    }),
  },
  'marks are forgotten for good before the roster is on disk': {
    journal: (journal) => ({
      ...journal,
      forgetMarks(epoch, through) {
        journal.forgetMarks(epoch, through)
        journal.settleMarks()
      },
    }),
  },
  'the door opens before the journal is on disk': { journal: writingLate },
  'an answer to a sync moves the cursor and brings nothing': {
    cloudStore: (store) => ({
      ...store,
      after: async (event, feed, cursor, atMostBytes) => ({
        ...(await store.after(event, feed, cursor, atMostBytes)),
        lines: [],
      }),
    }),
  },
  'parked lines of a forked epoch are not written again': {
    journal: (journal) => ({
      ...journal,
      acknowledge: (epoch, through, parked) => journal.acknowledge(epoch, through, parked),
    }),
  },
  'a commit that was answered too late is counted as stale for ever': {
    cloudStore: (store) => ({
      ...store,
      commit: (batches) =>
        store.commit(batches.map((batch) => ({ ...batch, before: { ...batch.before, revision: 0 } }))),
    }),
  },
}

/** Says it has written and writes at the next occasion. */
function writingLate(journal: JournalStore): JournalStore {
  let late: Parameters<JournalStore['append']> | undefined
  const write = () => {
    const entry = late
    late = undefined
    if (entry) journal.append(...entry)
  }
  return {
    ...journal,
    append(...entry) {
      write()
      late = entry
      const seq = journal.lastSeq() + 1
      const line = encodeJournalLine(seq, entry[0])
      return { seq, line, hash: chainHash(journal.hashAt(journal.epoch(), seq - 1) ?? GENESIS, line) }
    },
    rows(...range) {
      write()
      return journal.rows(...range)
    },
    lastSeq() {
      write()
      return journal.lastSeq()
    },
  }
}

const seedsAtMost = 200

async function seedThatFinds(mutations: Mutations): Promise<{ seed: number; violation: string } | undefined> {
  for (let seed = 1; seed <= seedsAtMost; seed += 1) {
    const { violations } = await runSeed(seed, { mutations })
    const [violation] = violations
    if (violation) return { seed, violation }
  }
  return undefined
}

describe('the simulator notices planted mistakes within 200 seeds', () => {
  for (const [name, mutations] of Object.entries(mutants)) {
    test(name, async () => {
      const found = await seedThatFinds(mutations)
      expect(found, 'no seed found it').toBeDefined()
      if (process.env['SIM_TELL']) process.stdout.write(`MUTANT ${name}: seed ${found?.seed}: ${found?.violation}\n`)
    })
  }
})
