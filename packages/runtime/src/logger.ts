/**
 * One structured line per thing that happened, for the person at 3 a.m. error = somebody must act, warn = will recover but
 * count it, info = life of the program, debug = the rest. Ids only: names, tokens and QR contents never go in.
 */
import { type DestinationStream, pino } from 'pino'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'silent'
type Write = (fields: Readonly<Record<string, unknown>>, text: string) => void

export interface Logger {
  error: Write
  warn: Write
  info: Write
  debug: Write
  /** The same log with fields that stand on every line ("gate", "lane"). */
  child(fields: Readonly<Record<string, unknown>>): Logger
}

/** Logs to standard error unless a stream is given: standard output belongs to what a program answers. */
export function createLogger(settings: { name: string; level?: LogLevel; stream?: DestinationStream }): Logger {
  const options = { name: settings.name, level: settings.level ?? 'info', base: { name: settings.name } }
  return pino(options, settings.stream ?? pino.destination({ dest: 2, sync: false }))
}

export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
}
