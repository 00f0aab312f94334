/**
 * The closed rule language in which an organizer says what differs between ticket types and gates. A condition is data: it is
 * validated when written, evaluated by the engine that decides, and can say what would have to be different.
 */
import type { GateId } from './ids.ts'

export type Comparison = { readonly atLeast?: number; readonly atMost?: number }

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  /** Local time of day in the event's zone, "HH:MM"; may span midnight. */
  | { readonly timeOfDay: { readonly from: string; readonly until: string; readonly toleranceMin?: number } }
  /** 1 = Monday … 7 = Sunday. */
  | { readonly weekday: readonly number[] }
  /** Local dates, "YYYY-MM-DD", inclusive; tolerance lets the day begin earlier and end later. */
  | { readonly date: { readonly from?: string; readonly until?: string; readonly toleranceMin?: number } }
  | { readonly entries: Comparison }
  | { readonly entriesToday: Comparison }
  | { readonly daysEntered: Comparison }
  /** Entries since a local time of day today, "HH:MM"; or all entries before it, those of earlier days too. */
  | { readonly entriesSince: Comparison & { readonly time: string } }
  | { readonly entriesBefore: Comparison & { readonly time: string } }
  /** Holds for somebody who never came in: there is nothing to wait for. */
  | { readonly minutesSinceFirstEntry: Comparison }
  | { readonly minutesSinceLastEntry: Comparison }
  | { readonly inside: boolean }
  | { readonly gate: readonly GateId[] }
  | { readonly zone: readonly string[] }
  | { readonly ticketType: readonly string[] }
