// The door as a state machine: bounded pulses, one at a time, and people always get out.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDoor, type Door, type DoorEffect, type DoorInput, doorStep, nextTickAt } from './index.ts'

const release: DoorInput = { kind: 'release' }
const open: DoorInput = { kind: 'contact', open: true }
const shut: DoorInput = { kind: 'contact', open: false }
const tick: DoorInput = { kind: 'tick' }
const lock: DoorInput = { kind: 'lock' }
const free: DoorInput = { kind: 'free-passage', on: true }
const notFree: DoorInput = { kind: 'free-passage', on: false }
const fault: DoorInput = { kind: 'fault', detail: 'relay' }
const recovered: DoorInput = { kind: 'recovered' }

const said = (effect: DoorEffect) =>
  effect.kind === 'journal' ? `=${effect.state}` : effect.kind === 'refused' ? `refused ${effect.why}` : effect.kind

/** Runs inputs at their ms, and gives the mode and the effects after each. */
function run(steps: readonly (readonly [number, DoorInput])[], door: Door = createDoor()) {
  let state = door
  const log = steps.map(([now, input]) => {
    const step = doorStep(state, input, now)
    state = step.state
    return [state.mode, ...step.effects.map(said)].join(' ')
  })
  return { state, log }
}

describe('a release', () => {
  test('is a pulse that ends by itself after three seconds', () => {
    const { log } = run([
      [0, release],
      [2999, tick],
      [3000, tick],
      [9000, tick],
    ])
    expect(log).toEqual(['released energise =released', 'released', 'locked deenergise =locked', 'locked'])
  })

  test('ends as soon as somebody passed and the door is shut', () => {
    const { log, state } = run([
      [0, release],
      [800, open],
      [1900, shut],
    ])
    expect(log).toEqual(['released energise =released', 'released passage', 'locked deenergise =locked'])
    expect(nextTickAt(state)).toBeUndefined()
  })

  test('is done once at a time: a second one neither restarts nor prolongs the pulse', () => {
    const { log } = run([
      [0, release],
      [2000, release],
      [3000, tick],
      [3001, release],
    ])
    expect(log).toEqual([
      'released energise =released',
      'released refused in-flight',
      'locked deenergise =locked',
      'released energise =released',
    ])
  })

  test('can be ended by locking', () => {
    expect(
      run([
        [0, release],
        [100, lock],
        [200, lock],
      ]).log,
    ).toEqual(['released energise =released', 'locked deenergise =locked', 'locked'])
  })

  test('has a bounded length, whatever was configured', () => {
    expect(nextTickAt(doorStep(createDoor({ releaseMs: 9e9 }), release, 0).state)).toBe(30_000)
    expect(nextTickAt(doorStep(createDoor({ releaseMs: 500 }), release, 0).state)).toBe(500)
  })
})

describe('what contacts tell', () => {
  test('a door that opens without a release is forced, until it is shut', () => {
    expect(
      run([
        [0, open],
        [10, open],
        [500, shut],
      ]).log,
    ).toEqual(['forced =forced', 'forced', 'locked =locked'])
  })

  test('a door that stays open after its pulse is held open', () => {
    const { log } = run([
      [0, release],
      [1000, open],
      [3000, tick],
      [32_999, tick],
      [33_000, tick],
      [40_000, shut],
    ])
    expect(log).toEqual([
      'released energise =released',
      'released passage',
      'locked deenergise =locked',
      'locked',
      'held-open =held-open',
      'locked =locked',
    ])
  })

  test('a contact that says the same twice counts one passage', () => {
    const { log } = run([
      [0, release],
      [10, open],
      [20, open],
      [30, shut],
      [40, shut],
    ])
    expect(log.slice(1)).toEqual(['released passage', 'released', 'locked deenergise =locked', 'locked'])
  })

  test('a door that is shut in time is not', () => {
    const { log, state } = run([
      [0, release],
      [1000, open],
      [3000, tick],
      [5000, shut],
      [99_000, tick],
    ])
    expect(log.slice(3)).toEqual(['locked', 'locked'])
    expect(nextTickAt(state)).toBeUndefined()
  })
})

describe('free passage', () => {
  test('holds until it is taken back, and counts who passes', () => {
    const { log } = run([
      [0, free],
      [10, free],
      [100, open],
      [200, shut],
      [99_000, tick],
      [99_001, release],
      [99_002, notFree],
    ])
    expect(log).toEqual([
      'free-passage energise =free-passage',
      'free-passage',
      'free-passage passage',
      'free-passage',
      'free-passage',
      'free-passage',
      'locked deenergise =locked',
    ])
  })

  test('works from every state, also out of order', () => {
    for (const before of [[release], [open], [fault], [release, open]]) {
      const { state } = run(before.map((input, index) => [index, input] as const))
      expect(doorStep(state, free, 10)).toMatchObject({ state: { mode: 'free-passage' } })
      expect(doorStep(state, free, 10).effects.map(said)).toContain('energise')
    }
  })
})

describe('a fault', () => {
  test('takes the power off, refuses releases and ends when it is over', () => {
    const { log } = run([
      [0, release],
      [1, fault],
      [2, fault],
      [3, release],
      [4, open],
      [5, shut],
      [6, recovered],
      [7, recovered],
    ])
    expect(log).toEqual([
      'released energise =released',
      'fault deenergise =fault',
      'fault',
      'fault refused fault',
      'fault',
      'fault',
      'locked deenergise =locked',
      'locked',
    ])
  })

  test('is journalled with what was wrong', () => {
    expect(doorStep(createDoor(), fault, 0).effects).toContainEqual({
      kind: 'journal',
      state: 'fault',
      detail: 'relay',
    })
  })
})

test('whatever happens in whatever order: powered exactly while released or free, each pulse has an end, each change is journalled', () => {
  const input = fc.constantFrom(release, open, shut, tick, lock, free, notFree, fault, recovered)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), input), { maxLength: 100 }), (steps) => {
      let door = createDoor()
      let isPowered = false
      let now = 0
      for (const [afterMs, each] of steps) {
        now += afterMs
        const { state, effects } = doorStep(door, each, now)
        for (const { kind } of effects) {
          if (kind === 'energise') isPowered = true
          if (kind === 'deenergise') isPowered = false
        }
        expect(isPowered).toBe(state.mode === 'released' || state.mode === 'free-passage')
        if (state.mode === 'released') expect(nextTickAt(state)).toBeLessThanOrEqual(now + 3000)
        const journalled = effects.filter(({ kind }) => kind === 'journal')
        if (state.mode !== door.mode) expect(journalled).toEqual([expect.objectContaining({ state: state.mode })])
        door = state
      }
    }),
  )
})
