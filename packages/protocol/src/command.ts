/**
 * Something a gate shall do once, now: executed at most once per id, never after `expiresAt`, answered with a result and
 * journalled. A name that the gate does not know is answered with `ok: false`.
 */
import Type from 'typebox'
import { instant, maybe, signature, uuid, version1 } from './fields.ts'
import { messageParser, type Wire } from './shape.ts'

export const command = Type.Object(
  {
    v: version1,
    id: uuid,
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,31}$',
      description: 'open, lock, free-passage, restart, self-test, resync, unpair, update, …',
    }),
    args: Type.Record(Type.String(), Type.Unknown()),
    expiresAt: instant,
    sig: signature,
  },
  { title: 'command' },
)
export type Command = Wire<typeof command>
export const parseCommand = messageParser(command)

export const commandResult = Type.Object(
  { v: maybe(version1), id: uuid, ok: Type.Boolean(), detail: maybe(Type.Unknown()), at: instant },
  { title: 'result' },
)
export type CommandResult = Wire<typeof commandResult>
export const parseCommandResult = messageParser(commandResult)
