/**
 * How a gate is: retained, every 30 s and on change. The offline form is the last will that the broker publishes when the
 * gate vanishes; its `at` is the time of connecting, because the gate writes it before it knows when it will be gone.
 */
import Type from 'typebox'
import { count, instant, maybe, safeInteger, text, version1 } from './fields.ts'
import { feedPosition } from './hello.ts'
import { clockReading } from './journal.ts'
import { messageParser, type Wire } from './shape.ts'

const onlineStatus = Type.Object({
  v: version1,
  state: Type.Literal('online'),
  at: instant,
  software: text(128, 'Name and version of the program'),
  uptimeSec: count('Seconds since start'),
  journal: Type.Object({
    unsent: count('Entries not yet acknowledged'),
    bytes: count('Their size'),
    oldestUnsentAt: maybe(Type.Union([instant, Type.Null()])),
  }),
  feeds: Type.Array(feedPosition, { maxItems: 32 }),
  clock: clockReading,
  checks: Type.Array(
    Type.Object({
      name: text(64, 'What is watched'),
      ok: Type.Boolean(),
      detail: maybe(Type.String()),
      sinceMs: count('How long it has been so'),
    }),
    { maxItems: 64 },
  ),
  decisions: Type.Object({
    total: count('Since start'),
    admit: count('Of those'),
    deny: count('Of those'),
    p99Us: count('Microseconds'),
  }),
  cpuPct: count('Percent of one core'),
  memoryBytes: count('Resident'),
  diskFreeBytes: count('Where the journal lives'),
  temperatureMilliC: maybe(safeInteger),
})
const offlineStatus = Type.Object({ v: version1, state: Type.Literal('offline'), at: instant })

export const status = Type.Union([onlineStatus, offlineStatus], { title: 'status' })
export type OnlineStatus = Wire<typeof onlineStatus>
export type OfflineStatus = Wire<typeof offlineStatus>
export type Status = OnlineStatus | OfflineStatus
export const parseStatus = messageParser(status)
