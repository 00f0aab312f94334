/**
 * Every schema of the wire under its published name: what the documents under docs/schemas are made from, and what the test
 * hashes that stops silent changes.
 */
import type { TSchema } from 'typebox'
import { ack } from './ack.ts'
import { command, commandResult } from './command.ts'
import { desired, reported } from './desired.ts'
import { feedHeader, syncRequest } from './feed.ts'
import { hello } from './hello.ts'
import { decisionLine, doorLine, journalHeader, passageLine, staffLine, systemLine, undoLine } from './journal.ts'
import { presenceLine } from './presence.ts'
import { participantLine, removeLine, rulesLine } from './roster.ts'
import { status } from './status.ts'

export const SCHEMAS = {
  hello,
  ack,
  'journal-header': journalHeader,
  'journal-decision': decisionLine,
  'journal-undo': undoLine,
  'journal-passage': passageLine,
  'journal-door': doorLine,
  'journal-staff': staffLine,
  'journal-system': systemLine,
  sync: syncRequest,
  'feed-header': feedHeader,
  'roster-participant': participantLine,
  'roster-rules': rulesLine,
  'roster-remove': removeLine,
  presence: presenceLine,
  status,
  desired,
  reported,
  command,
  result: commandResult,
} as const satisfies Readonly<Record<string, TSchema>>

export type SchemaName = keyof typeof SCHEMAS
