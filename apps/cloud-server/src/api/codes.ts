/**
 * Every answer of the HTTP API that is not what was asked for, declared once. The code is stable and may be programmed
 * against; status and title belong to it and never change; the detail of a single answer says what to do next.
 */

export interface ProblemKind {
  readonly status: number
  readonly title: string
}

export const problemKinds = {
  /** Body, query, path or header does not fit the route's schema; `problems` names the fields. */
  'GH-API-001': { status: 400, title: 'The request is not valid' },
  /** The body could not be read as JSON, or holds text that cannot be stored (NUL, broken surrogates, too deep). */
  'GH-API-002': { status: 400, title: 'The body cannot be read' },
  /** Only application/json is understood. */
  'GH-API-003': { status: 415, title: 'This content type is not understood' },
  /** Bodies are at most 1 MB; the bulk routes say their own bound. */
  'GH-API-004': { status: 413, title: 'The body is too large' },
  /** No key, an unknown, expired or revoked one, or a session that ended. */
  'GH-API-005': { status: 401, title: 'Sign in first' },
  /** The key is good but its scopes do not cover this route. */
  'GH-API-006': { status: 403, title: 'This key may not do that' },
  /** No such route or thing, or one of another organization: the two are never told apart. */
  'GH-API-007': { status: 404, title: 'Not found' },
  /** A session cookie came from another site. */
  'GH-API-008': { status: 403, title: 'The request comes from another site' },
  /** `retry-after` says when to come back. */
  'GH-API-009': { status: 429, title: 'Too many requests' },
  /** Something with this identity exists already, or changed in between. */
  'GH-API-010': { status: 409, title: 'Conflict' },
  /** The Idempotency-Key was used before with another request. */
  'GH-API-011': { status: 422, title: 'This Idempotency-Key belongs to another request' },
  /** The first request with this Idempotency-Key has not been answered yet. */
  'GH-API-012': { status: 409, title: 'The same request is still being worked on' },
  /** A fault of ours; the log has it under the request id. */
  'GH-API-013': { status: 500, title: 'Something went wrong here' },
  /** The database cannot be reached; coming back later helps. */
  'GH-API-014': { status: 503, title: 'Not available right now' },
  /** Malformed HTTP: bad URL encoding, bad headers, and what else the server refuses before routing. */
  'GH-API-015': { status: 400, title: 'The request is malformed' },

  /** [R-A2] The participant does not exist. */
  'GH-API-101': { status: 404, title: 'Participant not found' },
  /** [R-A2] The participant is cancelled or blocked. */
  'GH-API-102': { status: 400, title: 'The participant is not active' },
  /** [R-A2] The gate does not exist or is not active. */
  'GH-API-103': { status: 404, title: 'Gate not found or not active' },
  /** [R-A2] The timestamp is not within one hour before the start and one hour after the end of the event. */
  'GH-API-104': { status: 400, title: 'The timestamp is outside the event' },
  /** [R-A2] The same participant was recorded at the same gate within five minutes; `earlier` names that record. */
  'GH-API-105': { status: 409, title: 'Already recorded' },

  /** The event's rules are not valid: a condition that cannot be evaluated, an unknown zone of time. */
  'GH-API-201': { status: 400, title: 'The rules are not valid' },
  /** `endsAt` is not after `startsAt`. */
  'GH-API-202': { status: 400, title: 'The event ends before it starts' },
  /** The rules and gates of the event together do not fit the 4 KiB that a line to the gates has. */
  'GH-API-203': { status: 400, title: 'The rules are too large for the gates' },
  /** The participant has no active QR credential, so there is no ticket to draw. */
  'GH-API-301': { status: 404, title: 'No active ticket' },
  /** The gate was revoked; create another one. */
  'GH-API-401': { status: 409, title: 'The gate is revoked' },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problemKinds
