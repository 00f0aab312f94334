/**
 * The answer for somebody who is not looking: one short figure of tones per meaning, made by the browser and not loaded from
 * anywhere. Browsers stay silent until the page was touched once; that is not an error and nothing waits for it.
 */
import type { Meaning } from '@gatehouse/ui'

interface Tone {
  readonly fromHz: number
  readonly toHz: number
  readonly atSec: number
  readonly forSec: number
  readonly loud: number
}

function tone(fromHz: number, toHz: number, atSec = 0, forSec = 0.22, loud = 0.25): Tone {
  return { fromHz, toHz, atSec, forSec, loud }
}

const figures: Record<Meaning, readonly Tone[]> = {
  admit: [tone(660, 990)],
  look: [tone(660, 990), tone(330, 330, 0.26)],
  already: [tone(1200, 1200, 0, 0.05, 0.12)],
  ask: [tone(520, 520, 0, 0.16), tone(520, 520, 0.24, 0.16)],
  deny: [tone(180, 165, 0, 0.5, 0.35)],
  exit: [tone(880, 587)],
}

function sound(context: AudioContext, { fromHz, toHz, atSec, forSec, loud }: Tone): void {
  const begin = context.currentTime + atSec
  const oscillator = context.createOscillator()
  const volume = context.createGain()
  oscillator.type = 'triangle'
  oscillator.frequency.setValueAtTime(fromHz, begin)
  oscillator.frequency.exponentialRampToValueAtTime(toHz, begin + forSec)
  // Short ramps at both ends: a tone that is cut clicks.
  volume.gain.setValueAtTime(0, begin)
  volume.gain.linearRampToValueAtTime(loud, begin + 0.01)
  volume.gain.setValueAtTime(loud, begin + forSec - 0.02)
  volume.gain.linearRampToValueAtTime(0, begin + forSec)
  oscillator.connect(volume).connect(context.destination)
  oscillator.start(begin)
  oscillator.stop(begin + forSec)
}

interface Sound {
  readonly play: (meaning: Meaning) => void
  /** To be called from a touch or a key press, which is what browsers wait for. */
  readonly unlock: () => void
}

export function createSound(open: () => AudioContext): Sound {
  let context: AudioContext | undefined
  return {
    unlock() {
      context ??= open()
      if (context.state === 'suspended') context.resume().catch(() => {})
    },
    play(meaning) {
      if (context?.state !== 'running') return
      for (const one of figures[meaning]) sound(context, one)
    },
  }
}
