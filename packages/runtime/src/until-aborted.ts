/**
 * The wait of what only has to be there: a server that is listening, a device that is held. It ends when the program does,
 * and at once when that was said before anybody waited.
 */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
