/**
 * Recording attendance over HTTP [R-A1 to R-A4]. A request is judged in the order of R-A2 and answered at once; what was accepted is
 * committed before the answer leaves.
 */
import type { GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { AttendanceRecord, AttendanceRequest, Recorded, RecordRequests, Refusal } from '../attendance/ports.ts'
import { methodOf, viaOf } from '../stats/overview-types.ts'
import { type ProblemCode, problemKinds } from './codes.ts'
import { parseInstant } from './instant.ts'
import { Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { created, ok, type Route, route } from './route.ts'
import { Id, Method, nullable, strict } from './schemas.ts'

const Latitude = Type.Number({ minimum: -90, maximum: 90 })
const Longitude = Type.Number({ minimum: -180, maximum: 180 })
const place = {
  accuracy: Type.Optional(Type.Number({ minimum: 0, maximum: 1e7 })),
  altitude: Type.Optional(Type.Number({ minimum: -1e5, maximum: 1e5 })),
  name: Type.Optional(Type.String({ maxLength: 200 })),
}
/** Where, in the three ways that clients write it; kept as it came. */
const Location = Type.Union([
  strict({ latitude: Latitude, longitude: Longitude, ...place }),
  strict({ lat: Latitude, lng: Longitude, ...place }),
  strict({
    type: Type.Literal('Point'),
    coordinates: Type.Array(Type.Number({ minimum: -1e5, maximum: 1e5 }), { minItems: 2, maxItems: 3 }),
  }),
])
/** Whatever describes the device; small. */
const DeviceInfo = Type.Union([
  Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 32 }),
  Type.String({ maxLength: 500 }),
])

const RecordBody = strict({
  participantId: Id,
  gateId: Id,
  timestamp: Type.String({ minLength: 1, maxLength: 40, description: 'ISO 8601 with a zone' }),
  method: Method,
  location: Type.Optional(Location),
  deviceInfo: Type.Optional(DeviceInfo),
})
type RecordBody = Static<typeof RecordBody>

const RecordSchema = strict({
  id: Id,
  participantId: Id,
  gateId: Id,
  eventId: Id,
  timestamp: Type.String(),
  method: Method,
  location: nullable(Location),
  deviceInfo: nullable(DeviceInfo),
  status: Type.Literal('confirmed'),
  createdAt: Type.String(),
})
/** [R-A3] */
type RecordView = Static<typeof RecordSchema>

const Earlier = strict({ id: Id, timestamp: Type.String() })
const Refused = strict({
  index: Type.Integer(),
  participantId: nullable(Id),
  gateId: nullable(Id),
  reason: Type.String(),
  code: Type.String(),
  status: Type.Integer(),
})
const BatchAnswer = strict({
  successful: Type.Array(
    Type.Object({ index: Type.Integer(), ...RecordSchema.properties }, { additionalProperties: false }),
  ),
  failed: Type.Array(Refused),
  duplicates: Type.Array(strict({ ...Refused.properties, earlier: nullable(Earlier) })),
})
type BatchAnswer = Static<typeof BatchAnswer>

/** Each item is checked on its own, so that one that is not valid does not sink the others. */
const BatchItems = Type.Array(Type.Union([RecordBody, Type.Unknown()]), { minItems: 1, maxItems: 1_000 })
const checkRecord = Compile(RecordBody)

const DEVICE_INFO_BYTES = 2_048
const codeOf: Readonly<Record<Refusal, ProblemCode>> = {
  'participant-unknown': 'GH-API-101',
  'participant-not-active': 'GH-API-102',
  'gate-not-found': 'GH-API-103',
  'outside-event': 'GH-API-104',
  duplicate: 'GH-API-105',
}

export function attendanceRoutes({ record }: Rooms): Route[] {
  return [
    route({
      method: 'POST',
      url: '/attendance/record',
      permission: 'record',
      summary: 'Record one attendance',
      room: 'attendance',
      body: RecordBody,
      answers: { 201: RecordSchema },
      idempotent: true,
      handler: async ({ body, caller }) => {
        const [recorded] = await record(caller.org, [requestOf(body)])
        if (!recorded) throw new Error('a request was not answered')
        if (!recorded.ok) throw refusal(recorded)
        return created(viewOf(body, recorded.record))
      },
    }),
    route({
      method: 'POST',
      url: '/attendance/batch',
      permission: 'record',
      summary: 'Record many attendances; each is answered on its own',
      room: 'attendance',
      body: Type.Union([strict({ requests: BatchItems }), BatchItems]),
      answers: { 200: BatchAnswer },
      idempotent: true,
      handler: async ({ body, caller }) =>
        ok(await recordBatch(record, caller.org, 'requests' in body ? body.requests : body)),
    }),
  ]
}

function requestOf(body: RecordBody): AttendanceRequest {
  const at = parseInstant(body.timestamp)
  if (at === undefined)
    throw new Problem(
      'GH-API-001',
      'timestamp has to be an ISO 8601 instant with a zone, such as 2026-11-20T09:00:00+09:00.',
    )
  if (body.deviceInfo && Buffer.byteLength(JSON.stringify(body.deviceInfo)) > DEVICE_INFO_BYTES)
    throw new Problem('GH-API-001', 'deviceInfo is larger than 2 KiB.')
  return {
    participant: body.participantId as ParticipantId,
    gate: body.gateId as GateId,
    at,
    via: viaOf[body.method],
    direction: 'entry',
    ...(body.location ? { location: body.location } : {}),
    ...(body.deviceInfo ? { deviceInfo: body.deviceInfo } : {}),
  }
}

function viewOf(body: RecordBody, record: AttendanceRecord): RecordView {
  return {
    id: record.id,
    participantId: record.participant,
    gateId: record.gate,
    eventId: record.event,
    timestamp: new Date(record.at).toISOString(),
    method: methodOf[record.via],
    location: body.location ?? null,
    deviceInfo: body.deviceInfo ?? null,
    status: 'confirmed',
    createdAt: new Date(record.createdAt).toISOString(),
  }
}

function earlierOf(recorded: Extract<Recorded, { ok: false }>): Static<typeof Earlier> | null {
  return recorded.earlier ? { id: recorded.earlier.id, timestamp: new Date(recorded.earlier.at).toISOString() } : null
}

function refusal(recorded: Extract<Recorded, { ok: false }>): Problem {
  return new Problem(codeOf[recorded.why], undefined, {
    reason: recorded.why,
    ...(recorded.earlier ? { earlier: earlierOf(recorded) } : {}),
  })
}

/** Items that are not valid fail alone; all others are judged in their order, gate by gate. */
async function recordBatch(record: RecordRequests, org: OrgId, items: readonly unknown[]): Promise<BatchAnswer> {
  const answer: BatchAnswer = { successful: [], failed: [], duplicates: [] }
  const asked: Asked[] = []
  items.forEach((item, index) => {
    const parsed = parseItem(item)
    if (parsed instanceof Problem) answer.failed.push(refusedItem(index, undefined, parsed.code, parsed.message))
    else asked.push({ index, ...parsed })
  })
  for (const group of groupedByGate(asked)) await recordGroup(record, org, group, answer)
  for (const list of Object.values(answer)) list.sort((left, right) => left.index - right.index)
  return answer
}

function parseItem(item: unknown): Omit<Asked, 'index'> | Problem {
  if (!checkRecord.Check(item)) {
    const [first] = checkRecord.Errors(item)
    return new Problem('GH-API-001', first ? `${first.instancePath || 'request'} ${first.message}` : undefined)
  }
  try {
    return { body: item, request: requestOf(item) }
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

type Asked = { readonly index: number; readonly body: RecordBody; readonly request: AttendanceRequest }

function groupedByGate(asked: readonly Asked[]): Iterable<readonly Asked[]> {
  return Map.groupBy(asked, ({ request }) => request.gate).values()
}

/** [R-A4] A group that the database could not take fails as a group; the others do not notice. */
async function recordGroup(
  record: RecordRequests,
  org: OrgId,
  group: readonly Asked[],
  answer: BatchAnswer,
): Promise<void> {
  const recorded = await record(
    org,
    group.map(({ request }) => request),
  ).catch(() => undefined)
  group.forEach(({ index, body }, at) => {
    const one = recorded?.[at]
    if (!one) answer.failed.push(refusedItem(index, body, 'GH-API-014', 'not-recorded'))
    else if (one.ok) answer.successful.push({ index, ...viewOf(body, one.record) })
    else if (one.why === 'duplicate')
      answer.duplicates.push({ ...refusedItem(index, body, codeOf[one.why], one.why), earlier: earlierOf(one) })
    else answer.failed.push(refusedItem(index, body, codeOf[one.why], one.why))
  })
}

function refusedItem(
  index: number,
  body: RecordBody | undefined,
  code: ProblemCode,
  reason: string,
): Static<typeof Refused> {
  return {
    index,
    participantId: body?.participantId ?? null,
    gateId: body?.gateId ?? null,
    reason,
    code,
    status: problemKinds[code].status,
  }
}
