import { createVirtualClock } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { createTurnstile } from './turnstile.ts'

function turnstile(room: number, bytesAtMost = 1_000) {
  const clock = createVirtualClock(0)
  const inside = { now: 0, most: 0, order: [] as number[] }
  const stile = createTurnstile({ hasRoom: () => inside.now < room, bytesAtMost, waitAtMostMs: 5_000, clock })
  const visit = (n: number, forMs: number, bytes = 10) =>
    stile.pass(bytes, async () => {
      inside.now += 1
      inside.most = Math.max(inside.most, inside.now)
      inside.order.push(n)
      await clock.sleep(forMs)
      inside.now -= 1
    })
  return { clock, inside, visit, stile }
}

test('as many as there is room for are inside, and all come through in order', async () => {
  const { clock, inside, visit } = turnstile(2)
  const all = Promise.all([1, 2, 3, 4, 5].map((n) => visit(n, 100)))
  for (let step = 0; step < 10; step += 1) await clock.advance(100)
  await all
  expect(inside).toMatchObject({ now: 0, most: 2, order: [1, 2, 3, 4, 5] })
})

test('who has waited too long is given up', async () => {
  const { clock, visit } = turnstile(1)
  void visit(1, 60_000)
  const second = visit(2, 1).catch((error: { code: string }) => error.code)
  await clock.advance(5_200)
  expect(await second).toBe('GH-BROKER-020')
})

test('what waits is bounded in bytes', async () => {
  const { visit, stile } = turnstile(1, 100)
  void visit(1, 60_000)
  void visit(2, 1, 90)
  await expect(visit(3, 1, 20)).rejects.toMatchObject({ code: 'GH-BROKER-020' })
  expect(stile.waiting).toBe(1)
})
