/** The promise of the connection helper: never call a screen live that is not, never give up, never hammer the server. */
import { describe, expect, test } from 'vitest'
import { type Freshness, keepLive, type OpenStream } from './live.ts'

function world() {
  let now = 0
  let timers: { at: number; work: () => void }[] = []
  const opened: { at: number; message: (name: string, data: unknown) => void; lost: () => void; closed: boolean }[] = []
  const freshness: Freshness[] = []
  const heard: unknown[] = []
  const open: OpenStream = ({ message, lost }) => {
    const stream = { at: now, message, lost, closed: false }
    opened.push(stream)
    return () => {
      stream.closed = true
    }
  }
  const end = keepLive({
    open,
    onMessage: (_name, data) => heard.push(data),
    onFreshness: (next) => freshness.push(next),
    now: () => now,
    random: () => 1,
    after: (ms, work) => {
      const timer = { at: now + ms, work }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    silentMs: 20_000,
    firstMs: 500,
    maxMs: 4_000,
  })
  const advance = (ms: number) => {
    const until = now + ms
    for (;;) {
      const next = timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      timers = timers.filter((one) => one !== next)
      now = next.at
      next.work()
    }
    now = until
  }
  return { advance, opened, freshness, heard, end, last: () => opened.at(-1) as (typeof opened)[number] }
}

describe('keeping a stream alive', () => {
  test('a screen is live only once a message of this connection has come', () => {
    const { last, freshness } = world()
    expect(freshness).toEqual([])
    last().message('state', 1)
    expect(freshness).toEqual([{ live: true, asOf: 0 }])
  })

  test('a lost connection says from when the numbers are', () => {
    const { last, freshness, advance } = world()
    last().message('state', 1)
    advance(3_000)
    last().message('state', 2)
    advance(5_000)
    last().lost()
    expect(freshness.at(-1)).toEqual({ live: false, asOf: 3_000 })
  })

  test('a connection that falls silent is closed and opened again', () => {
    const { last, opened, freshness, advance } = world()
    last().message('state', 1)
    advance(20_000)
    expect(opened[0]?.closed).toBe(true)
    expect(freshness.at(-1)?.live).toBe(false)
    advance(500)
    expect(opened).toHaveLength(2)
  })

  test('a connection that opens and never says anything is given up as well', () => {
    const { opened, freshness, advance } = world()
    advance(20_000)
    expect(opened[0]?.closed).toBe(true)
    advance(500)
    expect(opened).toHaveLength(2)
    expect(freshness.every(({ live }) => !live)).toBe(true)
  })

  test('the pauses between tries grow to a ceiling and begin anew after a message', () => {
    const { last, opened, advance } = world()
    const gaps: number[] = []
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const before = last().at
      last().lost()
      advance(4_000 - (last().at - before))
      gaps.push(last().at - before)
      advance(4_000)
    }
    expect(opened.length).toBeGreaterThan(6)
    last().message('state', 1)
    const at = last().at
    const count = opened.length
    last().lost()
    advance(500)
    expect(opened).toHaveLength(count + 1)
    expect(at).toBeGreaterThan(0)
  })

  test('a message of a connection already given up changes nothing', () => {
    const { opened, heard, advance, last } = world()
    const first = last()
    first.lost()
    advance(500)
    first.message('state', 'late')
    first.lost()
    expect(heard).toEqual([])
    expect(opened).toHaveLength(2)
  })

  test('after the end nothing is opened any more', () => {
    const { opened, advance, end, last } = world()
    end()
    last().lost()
    advance(100_000)
    expect(opened).toHaveLength(1)
    expect(opened[0]?.closed).toBe(true)
  })
})
