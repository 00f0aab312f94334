import { createVirtualClock } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { silentLogger } from './logger.ts'
import { runServices, type Service } from './service.ts'
import { untilAborted } from './until-aborted.ts'

function plan(services: Service[]) {
  const clock = createVirtualClock(0)
  return { clock, plan: { services, clock, logger: silentLogger, random: () => 1, stopWithinMs: 5_000 } }
}

test('a service that fails is started again, later each time', async () => {
  const starts: number[] = []
  const flaky: Service = {
    name: 'flaky',
    async run() {
      starts.push(clock.now())
      throw new Error('no')
    },
  }
  const { clock, plan: given } = plan([flaky])
  const ending = new AbortController()
  const running = runServices(given, ending.signal)
  await clock.advance(1_500)
  ending.abort()
  await clock.advance(60_000)
  await running
  expect(starts).toEqual([0, 200, 600, 1_400])
})

test('the last service is drained and stopped first, and all are drained before any stops', async () => {
  const steps: string[] = []
  const service = (name: string): Service => ({
    name,
    run: untilAborted,
    drain: async () => void steps.push(`drain ${name}`),
    stop: async () => void steps.push(`stop ${name}`),
  })
  const { clock, plan: given } = plan([service('database'), service('api')])
  const ending = new AbortController()
  const running = runServices(given, ending.signal)
  ending.abort()
  await clock.advance(1)
  await running
  expect(steps).toEqual(['drain api', 'drain database', 'stop api', 'stop database'])
})

test('one that cannot drain does not keep the others from ending', async () => {
  const steps: string[] = []
  const { clock, plan: given } = plan([
    { name: 'well', run: untilAborted, drain: async () => void steps.push('well') },
    { name: 'broken', run: untilAborted, drain: () => Promise.reject(new Error('stuck')) },
  ])
  const ending = new AbortController()
  const running = runServices(given, ending.signal)
  ending.abort()
  await clock.advance(1)
  await running
  expect(steps).toEqual(['well'])
})

test('one that never ends is given up after the promised time', async () => {
  const { clock, plan: given } = plan([{ name: 'hung', run: () => new Promise(() => {}) }])
  const ending = new AbortController()
  let ended = false
  const running = runServices(given, ending.signal).then(() => (ended = true))
  ending.abort()
  await clock.advance(4_999)
  expect(ended).toBe(false)
  await clock.advance(2)
  await running
})
