import { expect, test } from 'vitest'
import { createReadWithFallback } from './read-with-fallback.ts'

const image = { width: 21, height: 21, data: new Uint8Array(441) }

test('while the first reader works, the fallback is not even opened', async () => {
  const read = createReadWithFallback({
    first: async () => async () => 'first',
    fallback: () => Promise.reject(new Error('must not be opened')),
  })
  expect(await read(image)).toEqual({ reader: 'zxing-wasm', text: 'first' })
})

test('a frame on which the first reader breaks is read by the fallback, and a fresh worker is asked for', async () => {
  const read = createReadWithFallback({
    first: async () => () => Promise.reject(new WebAssembly.RuntimeError('unreachable')),
    fallback: async () => async () => 'fallback',
  })
  expect(await read(image)).toEqual({ reader: 'zxing-library', text: 'fallback', broke: true })
})

test('when the first reader cannot be opened, the fallback reads every frame and no fresh worker is asked for', async () => {
  const read = createReadWithFallback({
    first: () => Promise.reject(new Error('no such file')),
    fallback: async () => async () => undefined,
  })
  expect([await read(image), await read(image)]).toEqual([{ reader: 'zxing-library' }, { reader: 'zxing-library' }])
})

test('when both readers fail, the read rejects for the worker to count', async () => {
  const fails = () => Promise.reject(new Error('gone'))
  await expect(createReadWithFallback({ first: fails, fallback: fails })(image)).rejects.toThrow('gone')
})
