/**
 * Badges from a recording, one advertisement per line. With pace `real` they come as far apart as they were recorded and carry
 * the present time; with pace `recorded` they come as fast as they are taken and carry the times of the recording.
 */
import { createReadStream } from 'node:fs'
import { type Clock, Failure } from '@gatehouse/runtime'
import { MAX_LINE_BYTES, parseAdvertisementLine } from './advertisement-line.ts'
import { createLineSplitter } from './line-splitter.ts'
import type { Advertisement, BeaconSource } from './source.ts'

export interface ReplaySettings {
  readonly file: string
  readonly pace: 'real' | 'recorded'
  readonly clock: Pick<Clock, 'now' | 'sleep'>
}

export function createReplayBeaconSource({ file, pace, clock }: ReplaySettings): BeaconSource {
  let heard = 0
  let refused = 0

  /** Reads on only as the reader takes, so a long recording costs one chunk of memory. */
  async function* recorded(signal: AbortSignal): AsyncGenerator<Advertisement, void> {
    let lines: string[] = []
    const refuse = () => {
      refused += 1
    }
    const split = createLineSplitter({
      maxBytes: MAX_LINE_BYTES,
      onLine: (line) => lines.push(line),
      onTooLong: refuse,
    })
    const parsed = function* () {
      for (const line of lines) {
        const advertisement = parseAdvertisementLine(line)
        if (advertisement) yield advertisement
        else refuse()
      }
      lines = []
    }
    for await (const chunk of createReadStream(file, { signal })) {
      split(chunk as Buffer)
      yield* parsed()
    }
    split(Buffer.from('\n'))
    yield* parsed()
  }

  async function* paced(signal: AbortSignal): AsyncGenerator<Advertisement, void> {
    let shift: number | undefined
    for await (const advertisement of recorded(signal)) {
      shift ??= clock.now() - advertisement.at
      if (pace === 'real') await clock.sleep(Math.max(0, advertisement.at + shift - clock.now()), signal)
      if (signal.aborted) return
      heard += 1
      yield pace === 'real' ? { ...advertisement, at: clock.now() } : advertisement
    }
  }

  return {
    name: 'replay',
    counters: () => ({ heard, refused, dropped: 0 }),
    async *advertisements(signal) {
      try {
        yield* paced(signal)
      } catch (cause) {
        if (!signal.aborted) throw new Failure('GH-BLE-004', `cannot read the badge recording ${file}`, { cause })
      }
    },
  }
}
