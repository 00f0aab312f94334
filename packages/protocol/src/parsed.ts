/**
 * The answer of every parser: the value, or a stable code and a sentence for the log. Input from outside is never an
 * exception, so whoever parses cannot forget the second case; details name places, never contents.
 */
import type { WireCode } from './codes.ts'

export type Refused = { readonly ok: false; readonly code: WireCode; readonly detail: string }
export type Parsed<T> = { readonly ok: true; readonly value: T } | Refused

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function refuse(code: WireCode, detail: string): Refused {
  return { ok: false, code, detail: detail.slice(0, 200) }
}
