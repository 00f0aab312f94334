/**
 * What the operating system says about processes. A process id alone is not an identity, since ids are used again; together
 * with the instant it was started it is. That is what the healing after a kill -9 goes by.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** When the process was started, in the system's own words; undefined when there is none. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain spaces; the start time is the 20th field after it (proc(5), field 22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return startByPs(pid)
  }
}

/** For systems without /proc (macOS). */
function startByPs(pid: number): string | undefined {
  if (process.platform === 'linux') return undefined
  const { stdout, status } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

export interface Noted {
  readonly pid: number
  readonly startedAt?: string
}

export function isSameProcess({ pid, startedAt }: Noted): boolean {
  const now = startOf(pid)
  return now !== undefined && now === startedAt
}
