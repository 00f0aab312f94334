/**
 * Turns the operating system's wish that the program ends into an AbortSignal. A broken assumption (an uncaught error) ends the
 * process too, with exit code 1 and the error in the log: systemd starts it again and the journal is intact.
 */
import closeWithGrace from 'close-with-grace'
import { describe } from './failure.ts'
import type { Logger } from './logger.ts'

/**
 * The signal is aborted on SIGTERM and SIGINT. The program then has `withinMs` to end by itself; call `ended` when it has.
 * A second signal, or the end of that time, ends it at once.
 */
export function shutdownSignal(logger: Logger, withinMs = 5_000): { signal: AbortSignal; ended: () => void } {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  closeWithGrace({ delay: withinMs, logger: false }, async ({ signal, err }) => {
    if (err) logger.error({ problem: describe(err), stack: err.stack }, 'broken assumption; the process ends')
    else logger.info({ signal }, 'ending')
    controller.abort()
    if (!err) await promise
  })
  return { signal: controller.signal, ended: resolve }
}
