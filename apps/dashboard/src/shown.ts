/** What every part of the live page gets. */
import type { Format } from '@gatehouse/ui'
import type { LiveNumbers } from './live-numbers.ts'

export interface Shown {
  readonly numbers: LiveNumbers
  readonly format: Format
  /** From when the numbers are; missing while they are live. */
  readonly asOf?: string
}
