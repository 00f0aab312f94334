/**
 * Configuration: one signed document wanted by the cloud, and the gate's answer. An invalid one changes nothing and is
 * reported with its errors; the gate keeps the last good one.
 */
import Type from 'typebox'
import { count, instant, maybe, signature, text, version1 } from './fields.ts'
import { messageParser, type Wire } from './shape.ts'

const settings = Type.Record(Type.String(), Type.Unknown())

export const desired = Type.Object(
  { v: version1, revision: count('Rises with each change'), config: settings, sig: signature },
  { title: 'desired' },
)
export type Desired = Wire<typeof desired>
export const parseDesired = messageParser(desired)

const problem = Type.Union([Type.Object({ path: Type.String(), message: Type.String() }), text(1000, 'What is wrong')])

export const reported = Type.Object(
  {
    v: maybe(version1),
    revision: count('Of the configuration that runs'),
    appliedAt: instant,
    config: settings,
    errors: maybe(Type.Array(problem, { maxItems: 100 })),
  },
  { title: 'reported' },
)
export type Reported = Wire<typeof reported>
export const parseReported = messageParser(reported)
