import { describe, expect, test } from 'vitest'
import { createConsoleDoor } from './console-door.ts'
import type { DoorDriver } from './driver.ts'
import { createFakeDoor } from './fake-door.ts'

/** Each driver with a way to see what its relay did. */
const doors: readonly { name: string; open: () => { door: DoorDriver; changes: () => readonly boolean[] } }[] = [
  {
    name: 'console',
    open() {
      const lines: string[] = []
      const door = createConsoleDoor({ gate: 'North', write: (line) => lines.push(line) })
      return { door, changes: () => lines.map((line) => line === 'North  door released') }
    },
  },
  {
    name: 'fake',
    open() {
      const door = createFakeDoor()
      return { door, changes: () => door.changes.map((change) => change === 'energised') }
    },
  },
]

describe.each(doors)('every door: $name', ({ open }) => {
  test('releases and locks, and says each change once however often it is asked', async () => {
    const { door, changes } = open()
    await door.deenergise()
    await door.energise()
    await door.energise()
    await door.deenergise()
    await door.deenergise()
    expect(changes()).toEqual([true, false])
  })

  test('is locked after it stops, and stopping twice is no harm', async () => {
    const { door, changes } = open()
    await door.energise()
    await door.stop()
    await door.stop()
    expect(changes()).toEqual([true, false])
  })

  test('can be released again after a lock', async () => {
    const { door, changes } = open()
    for (let time = 0; time < 2; time += 1) {
      await door.energise()
      await door.deenergise()
    }
    expect(changes()).toEqual([true, false, true, false])
  })
})

describe('the fake door', () => {
  test('tells its contact to whoever still listens', () => {
    const door = createFakeDoor()
    const seen: string[] = []
    const end = door.onContact((contact) => seen.push(contact))
    door.setContact('open')
    end()
    door.setContact('closed')
    expect(seen).toEqual(['open'])
  })

  test('fails with a code when told to, and keeps its state', async () => {
    const door = createFakeDoor()
    door.fail(true)
    await expect(door.energise()).rejects.toMatchObject({ code: 'GH-DOOR-001' })
    expect(door.energised).toBe(false)
  })
})
