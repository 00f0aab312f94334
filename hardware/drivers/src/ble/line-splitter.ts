/**
 * Cuts a byte stream into lines without ever holding more than one line's allowance: a client that sends no line end, or a very
 * long line, costs a counter and not memory.
 */
const NEWLINE = 0x0a

/** Feed it chunks in order. `onLine` gets each complete line without its end, `onTooLong` is told once per skipped line. */
export function createLineSplitter(settings: {
  maxBytes: number
  onLine: (line: string) => void
  onTooLong: () => void
}): (chunk: Uint8Array) => void {
  const held = Buffer.alloc(settings.maxBytes)
  let length = 0
  let skipping = false

  function hold(part: Uint8Array): void {
    if (skipping) return
    if (length + part.length > settings.maxBytes) {
      skipping = true
      settings.onTooLong()
      return
    }
    held.set(part, length)
    length += part.length
  }

  function endLine(): void {
    if (!skipping && length > 0) settings.onLine(held.toString('utf8', 0, length))
    length = 0
    skipping = false
  }

  return (chunk) => {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(NEWLINE, from)
      hold(chunk.subarray(from, end < 0 ? chunk.length : end))
      if (end < 0) return
      endLine()
      from = end + 1
    }
  }
}
