/**
 * Reads MQTT packet headers as the bytes come in and says when a connection has gone too far: a packet that declares more than it may,
 * or anything but CONNECT first. The broker library has no limit of its own, not even before authentication; this stands in front of it,
 * so that nobody unknown can make us hold more than a few KiB.
 */
export interface PacketLimits {
  /** The first packet, before anybody has shown who they are. */
  readonly connectBytes: number
  readonly packetBytes: number
}

export type GuardVerdict = 'ok' | 'too-large' | 'not-connect' | 'bad-length'

export interface PacketGuard {
  /** Takes what was read from the connection, in order. After anything but 'ok' the connection has to be destroyed. */
  look(chunk: Uint8Array): GuardVerdict
}

const CONNECT = 1

export function createPacketGuard({ connectBytes, packetBytes }: PacketLimits): PacketGuard {
  let packets = 0
  /** Bytes of the current packet's body that are still to come. */
  let body = 0
  /** Bytes of the length seen so far; -1 when a packet type is expected next. */
  let lengthBytes = -1
  let length = 0

  function lookAtHeader(byte: number): GuardVerdict {
    if (lengthBytes < 0) {
      lengthBytes = 0
      length = 0
      return packets === 0 && byte >> 4 !== CONNECT ? 'not-connect' : 'ok'
    }
    length += (byte & 0x7f) * 128 ** lengthBytes
    lengthBytes += 1
    if (length > (packets === 0 ? connectBytes : packetBytes)) return 'too-large'
    if (byte & 0x80) return lengthBytes < 4 ? 'ok' : 'bad-length'
    packets += 1
    body = length
    lengthBytes = -1
    return 'ok'
  }

  return {
    look(chunk) {
      let at = 0
      while (at < chunk.length) {
        const skipped = Math.min(body, chunk.length - at)
        body -= skipped
        at += skipped
        if (at >= chunk.length) break
        const verdict = lookAtHeader(chunk[at] as number)
        if (verdict !== 'ok') return verdict
        at += 1
      }
      return 'ok'
    },
  }
}
