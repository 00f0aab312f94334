/**
 * Damages bytes the way cables, disks and hostile hands do: flips a bit, sets, inserts, deletes, repeats or swaps a stretch, joins two
 * messages. The same seed damages in the same way.
 */
import type { seededRandom } from '@gatehouse/testkit'

type Dice = ReturnType<typeof seededRandom>

/** Bytes that mean something in JSON, in lines and in numbers. */
const INTERESTING = [...Buffer.from('{}[]",:\\0123456789-.eE\n\r\0u_'), 0x7f, 0x80, 0xff]

/** One to four damages; `other` is what may be spliced in. */
export function mutate(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  let damaged = Uint8Array.from(bytes)
  for (let times = 1 + dice.int(4); times > 0; times -= 1) damaged = damagedOnce(damaged, other, dice)
  return damaged
}

function damagedOnce(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const from = dice.int(bytes.length + 1)
  const to = Math.min(bytes.length, from + 1 + dice.int(16))
  const [head, stretch, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
  const some = Uint8Array.from({ length: 1 + dice.int(4) }, () => dice.pick(INTERESTING))
  const kinds = [
    () =>
      joined(
        head,
        stretch.subarray(0, 1).map((byte) => byte ^ (1 << dice.int(8))),
        stretch.subarray(1),
        tail,
      ),
    () => joined(head, some, stretch.subarray(some.length), tail),
    () => joined(head, some, stretch, tail),
    () => joined(head, tail),
    () => joined(head, stretch, stretch, tail),
    () => joined(stretch, head, tail),
    () => joined(head, other.subarray(dice.int(other.length + 1))),
  ]
  return dice.pick(kinds)()
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts))
}
