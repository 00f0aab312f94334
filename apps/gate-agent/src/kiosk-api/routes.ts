/**
 * The local API of a gate: its routes, with what each takes and gives. Every act that a person does by hand names the member
 * of staff who did it; a denial is an ordinary answer with status 200.
 */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Direction, Override, ParticipantId } from '@gatehouse/domain'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from './problem.ts'
import type { AnswerView, PersonView, StateView } from './wire.ts'

export interface ByStaff {
  readonly participant: ParticipantId
  readonly staff: string
  readonly direction?: Direction
  readonly override?: Override
}

export interface AtLane {
  readonly lane?: string
  readonly direction?: Direction
}

/** What the gate can do for its pages. */
export interface KioskRooms {
  state(): StateView
  recent(atMost: number): readonly AnswerView[]
  find(words: string, atMost: number): readonly PersonView[]
  checkIn(by: ByStaff): AnswerView
  undo(seq: number, staff: string, note: string): boolean
  /** The text of a QR code, as a scanner typed it. */
  scanText(text: string, at: AtLane): AnswerView
  /** Bytes of a PNG or JPEG file; undefined when there is no code in it. */
  scanPicture(file: Uint8Array, at: AtLane): Promise<AnswerView | undefined>
}

const direction = Type.Union([Type.Literal('entry'), Type.Literal('exit')])
const staff = Type.String({ minLength: 1, maxLength: 128, pattern: '\\S' })
const strict = { additionalProperties: false } as const

const checkIn = Type.Object(
  {
    participant: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    direction: Type.Optional(direction),
    override: Type.Optional(Type.Object({ note: Type.String({ minLength: 1, maxLength: 500 }) }, strict)),
    staff,
  },
  strict,
)
const undo = Type.Object(
  {
    seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    staff,
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
)
const atLane = Type.Object(
  { lane: Type.Optional(Type.String({ pattern: '^[\\w.-]{1,64}$' })), direction: Type.Optional(direction) },
  strict,
)
const findQuery = Type.Object({ q: Type.String({ maxLength: 100 }) }, strict)
const recentQuery = Type.Object({ limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]?$' })) }, strict)

const MOST_FOUND = 20
/** Fewer letters find half the roster. */
const LEAST_LETTERS = 2
export const PICTURE_BYTES = 8 * 1024 * 1024
/** The longest text a QR code can hold has 7,089 figures. */
const TEXT_LENGTH = 7_089

export function kioskRoutes(plain: FastifyInstance, rooms: KioskRooms): void {
  const app = plain.withTypeProvider<TypeBoxTypeProvider>()

  app.get('/api/v1/state', async () => rooms.state())

  app.get('/api/v1/recent', { schema: { querystring: recentQuery } }, async ({ query }) => ({
    answers: rooms.recent(Number(query.limit ?? 20)),
  }))

  app.get('/api/v1/find', { schema: { querystring: findQuery } }, async ({ query }) => ({
    people: query.q.trim().length < LEAST_LETTERS ? [] : rooms.find(query.q, MOST_FOUND),
  }))

  app.post('/api/v1/check-in', { schema: { body: checkIn } }, async ({ body }) =>
    rooms.checkIn({
      participant: body.participant as ParticipantId,
      staff: body.staff,
      ...(body.direction && { direction: body.direction }),
      ...(body.override && { override: { staff: body.staff, note: body.override.note } }),
    }),
  )

  app.post('/api/v1/undo', { schema: { body: undo } }, async ({ body }) => {
    if (!rooms.undo(body.seq, body.staff, body.note ?? '')) throw new Refusal('GH-KIOSK-009')
    return { undone: body.seq }
  })

  app.post('/api/v1/scan', { schema: { querystring: atLane }, bodyLimit: PICTURE_BYTES }, async ({ body, query }) => {
    if (typeof body === 'string') {
      if (body.length > TEXT_LENGTH) throw new Refusal('GH-KIOSK-003', 'no code holds such a long text')
      return rooms.scanText(body, query)
    }
    if (!(body instanceof Uint8Array)) throw new Refusal('GH-KIOSK-004', 'a picture or the text of a code is expected')
    const answer = await rooms.scanPicture(body, query)
    if (!answer) throw new Refusal('GH-KIOSK-008')
    return answer
  })
}
