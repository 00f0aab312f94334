/**
 * A code held before a camera is read many times a second. This remembers the code while it stays in view, so that one
 * presentation is one reading; what is shown again later is a new one, and whether that is a repetition the decision says.
 */
export interface Hold {
  /** True when this code has not been in view within the last `holdMs`. `monoMs` never jumps. */
  isNew(text: string, monoMs: number): boolean
}

/** Remembers at most `size` codes, for several people may hold theirs up at once. */
export function createHold({ holdMs, size = 16 }: { holdMs: number; size?: number }): Hold {
  const seen = new Map<string, number>()
  return {
    isNew(text, monoMs) {
      const before = seen.get(text)
      seen.delete(text)
      seen.set(text, monoMs)
      const oldest = seen.size > size ? seen.keys().next().value : undefined
      if (oldest !== undefined) seen.delete(oldest)
      return before === undefined || monoMs - before > holdMs
    },
  }
}
