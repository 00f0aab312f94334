/**
 * Answers "do my loops still turn", not "does my port answer". A loop promises how often it turns and beats each time; a
 * check looks at a thing when asked. The report names what failed and since when.
 */
import type { Clock } from './clock.ts'

export interface CheckResult {
  readonly ok: boolean
  readonly detail?: string
}

export interface NamedCheck extends CheckResult {
  readonly name: string
  /** When it took on its present value, Unix ms. */
  readonly sinceMs: number
}

export interface Health {
  /** Returns the function to call on each turn of the loop. */
  beat(name: string, promisedWithinMs: number): () => void
  check(name: string, look: () => CheckResult): void
  report(): { readonly ok: boolean; readonly checks: readonly NamedCheck[] }
}

export function createHealth(clock: Clock): Health {
  const looks = new Map<string, () => CheckResult>()
  const since = new Map<string, { ok: boolean; at: number }>()

  function beat(name: string, promisedWithinMs: number) {
    let lastMs = clock.monoMs()
    looks.set(name, () => {
      const silentMs = Math.round(clock.monoMs() - lastMs)
      return silentMs <= promisedWithinMs ? { ok: true } : { ok: false, detail: `has not turned for ${silentMs} ms` }
    })
    return () => {
      lastMs = clock.monoMs()
    }
  }

  function named(name: string, result: CheckResult): NamedCheck {
    const before = since.get(name)
    const at = before?.ok === result.ok ? before.at : clock.now()
    since.set(name, { ok: result.ok, at })
    return { name, ...result, sinceMs: at }
  }

  return {
    beat,
    check: (name, look) => void looks.set(name, look),
    report() {
      const checks = [...looks].map(([name, look]) => named(name, look()))
      return { ok: checks.every((check) => check.ok), checks }
    },
  }
}
