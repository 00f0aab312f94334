import { describe, expect, test } from 'vitest'
import { createConsoleLight } from './console-light.ts'
import type { LightDriver } from './driver.ts'
import { createFakeLight } from './fake-light.ts'

const lights: readonly { name: string; open: () => { light: LightDriver; changes: () => readonly string[] } }[] = [
  {
    name: 'console',
    open() {
      const lines: string[] = []
      const light = createConsoleLight({ gate: 'North', write: (line) => lines.push(line) })
      return { light, changes: () => lines.map((line) => line.replace(/^North {2}light . /, '')) }
    },
  },
  {
    name: 'fake',
    open() {
      const light = createFakeLight()
      return { light, changes: () => light.changes }
    },
  },
]

describe.each(lights)('every light: $name', ({ open }) => {
  test('shows each change once and is off after it stops', async () => {
    const { light, changes } = open()
    await light.show('off')
    await light.show('green')
    await light.show('green')
    await light.show('red')
    await light.show('amber')
    await light.stop()
    await light.stop()
    expect(changes()).toEqual(['green', 'red', 'amber', 'off'])
  })
})
