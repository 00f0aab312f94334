/** The staff screen without a screen: which answer is shown for how long, what may be taken back, who is asked for a name. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Answer, GateApi } from './gate-api.ts'
import { createKiosk } from './kiosk.ts'

function anAnswer(seq: number | undefined, change: Partial<Answer> = {}): Answer {
  return {
    ...(seq === undefined ? {} : { seq }),
    at: 1_000,
    lane: 'A',
    direction: 'entry',
    via: 'qr',
    decision: { outcome: 'admit', direction: 'entry' },
    ...change,
  }
}

function world(api: Partial<GateApi> = {}) {
  let now = 0
  let timers: { at: number; work: () => void }[] = []
  const played: string[] = []
  const stored = new Map<string, string>()
  const ok = <Value>(value: Value) => Promise.resolve({ ok: true as const, value, status: 200 })
  const kiosk = createKiosk({
    api: {
      recent: () => ok({ answers: [] }),
      find: () => ok([]),
      checkIn: () => ok(anAnswer(50, { via: 'manual' })),
      scan: () => ok(anAnswer(60)),
      undo: () => ok({}),
      ...api,
    },
    now: () => now,
    after: (ms, work) => {
      const timer = { at: now + ms, work }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    play: (meaning) => played.push(meaning),
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
  })
  const advance = (ms: number) => {
    now += ms
    const due = timers.filter(({ at }) => at <= now)
    timers = timers.filter(({ at }) => at > now)
    for (const { work } of due) work()
  }
  return { kiosk, advance, played }
}

const person = { id: 'p1', status: 'active', ticketType: 'day', zones: [], entryPolicy: 'once' } as const
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('answers', () => {
  let it: ReturnType<typeof world>
  beforeEach(() => {
    it = world()
  })

  test('an answer that comes by the stream and as a reply is shown and heard once', async () => {
    it.kiosk.hear('answer', anAnswer(60))
    await it.kiosk.scan('GT1:X')
    expect(it.kiosk.recent.value).toHaveLength(1)
    expect(it.played).toEqual(['admit'])
  })

  test('a new answer has its own 2.5 s and does not inherit the rest of the one before', () => {
    it.kiosk.hear('answer', anAnswer(1))
    it.advance(2_000)
    it.kiosk.hear('answer', anAnswer(2))
    it.advance(2_000)
    expect(it.kiosk.shown.value?.seq).toBe(2)
    it.advance(500)
    expect(it.kiosk.shown.value).toBeUndefined()
  })

  test('a repeated reading, which has no number, is still shown', () => {
    const repeated = { outcome: 'admit', direction: 'entry', repeated: true } as const
    it.kiosk.hear('answer', anAnswer(1))
    it.kiosk.hear('answer', anAnswer(undefined, { at: 2_000, decision: repeated }))
    expect(it.played).toEqual(['admit', 'already'])
  })

  test('after a lost connection the list is filled up without showing anything again', async () => {
    const missed = [anAnswer(3, { at: 3_000 }), anAnswer(2, { at: 2_000 }), anAnswer(1)]
    const again = world({ recent: () => Promise.resolve({ ok: true, value: { answers: missed }, status: 200 }) })
    again.kiosk.hear('answer', anAnswer(1))
    again.kiosk.hearFreshness({ live: true, asOf: 1 })
    await settle()
    expect(again.kiosk.recent.value.map(({ seq }) => seq)).toEqual([3, 2, 1])
    expect(again.played).toEqual(['admit'])
  })
})

describe('acts by hand', () => {
  test('wait for a name, which is asked for once', async () => {
    const { kiosk } = world()
    kiosk.checkIn(person, 'entry')
    await settle()
    expect(kiosk.recent.value).toEqual([])
    kiosk.nameStaff('  Minji ')
    await settle()
    expect(kiosk.staff.value).toBe('Minji')
    expect(kiosk.recent.value).toHaveLength(1)
    kiosk.checkIn(person, 'exit')
    expect(kiosk.askingName.value).toBeUndefined()
  })

  test('only the own admission can be taken back, for 30 seconds', async () => {
    const { kiosk, advance } = world()
    kiosk.hear('answer', anAnswer(1))
    expect(kiosk.ownAct.value).toBeUndefined()
    await kiosk.scan('GT1:X')
    advance(29_999)
    expect(kiosk.ownAct.value?.seq).toBe(60)
    advance(1)
    expect(kiosk.ownAct.value).toBeUndefined()
  })

  test('a refusal cannot be taken back and leads to the person, where the way past it is', async () => {
    const denied = anAnswer(70, { decision: { outcome: 'deny', direction: 'entry', reason: 'cancelled' } })
    const { kiosk } = world({ checkIn: () => Promise.resolve({ ok: true, value: denied, status: 200 }) })
    kiosk.nameStaff('Minji')
    kiosk.checkIn(person, 'entry')
    await settle()
    expect(kiosk.ownAct.value).toBeUndefined()
    expect(kiosk.view.value).toMatchObject({ name: 'person', answer: { seq: 70 } })
  })

  test('a request without an answer is told as such and not as a refusal', async () => {
    const { kiosk } = world({ scan: () => Promise.resolve({ ok: false, away: true }) })
    await kiosk.scan('GT1:X')
    expect(kiosk.trouble.value).toEqual({ kind: 'unanswered' })
    expect(kiosk.busy.value).toBe(false)
  })

  test('a second press while the first is under way does nothing', async () => {
    let asked = 0
    const { kiosk } = world({
      scan: () => {
        asked += 1
        return Promise.resolve({ ok: true, value: anAnswer(asked), status: 200 })
      },
    })
    await Promise.all([kiosk.scan('GT1:X'), kiosk.scan('GT1:X')])
    expect(asked).toBe(1)
  })
})
