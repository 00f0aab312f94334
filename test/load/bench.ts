/**
 * What every bench answers: one figure, the raw limit measured in the same run, and whether the goal was met. The file name
 * `<name>-bench.ts` is how a bench is found; it exports `run` and a one-line `about`.
 */
export interface BenchResult {
  readonly bench: string
  readonly unit: string
  readonly figure: number
  /** What the same machine can do at best without our part, measured in the same run, in the same unit. */
  readonly rawLimit: number
  /** figure / rawLimit. */
  readonly ratio: number
  /** The goal in words and numbers, as it stands in the requirements. */
  readonly goal: string
  readonly met: boolean
  readonly [detail: string]: unknown
}

export interface Bench {
  /** One line for the list of benches. */
  readonly about?: string
  /** Takes the remaining arguments; reports progress on standard error only. */
  run(args: readonly string[]): Promise<BenchResult>
}

/** A number given as `--name 12` or `--name=12`, or the default. Throws on anything that is not a positive integer. */
export function countOption(args: readonly string[], name: string, otherwise: number): number {
  const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))
  if (at < 0) return otherwise
  const text = args[at]?.includes('=') ? args[at]?.split('=')[1] : args[at + 1]
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a positive whole number, not "${text}"`)
  return value
}

/** The value below which the share of the values lies; values need not be sorted. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))
