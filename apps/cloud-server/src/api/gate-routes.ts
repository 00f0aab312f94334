/** Gates: made, listed with their state, changed, handed over to a machine, and revoked for good. */
import type { EventId, GateId } from '@gatehouse/domain'
import Type from 'typebox'
import type { WantedGate } from '../gates/gates.ts'
import { found, Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { created, ok, type Route, route } from './route.ts'
import { checkCondition, GateRuleSchema } from './rules-schema.ts'
import { ById, GateDirection, Id, Instant, listOf, Name, nullable, strict, Word } from './schemas.ts'
import { GateNumbersSchema } from './statistics-schema.ts'

const { name: _name, zone: _zone, ...ruleFields } = GateRuleSchema.properties
const writable = {
  zone: Type.Optional(nullable(Word)),
  lane: Type.Optional(Word),
  direction: Type.Optional(GateDirection),
  capacityPerMinute: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  active: Type.Optional(Type.Boolean()),
  rule: Type.Optional(strict(ruleFields)),
}
const NewGate = strict({ name: Name, ...writable })
const GateChange = strict({ name: Type.Optional(Name), ...writable })

const GateSchema = strict({
  id: Id,
  event: nullable(Id),
  name: Type.String(),
  zone: nullable(Type.String()),
  lane: Type.String(),
  direction: GateDirection,
  capacityPerMinute: Type.Integer(),
  active: Type.Boolean(),
  revoked: Type.Boolean(),
  rule: Type.Object({}, { additionalProperties: true }),
  createdAt: Instant,
})

export function gateRoutes(rooms: Rooms): Route[] {
  return [...ofEvent(rooms), ...ofGate(rooms), ...identity(rooms)]
}

function ofEvent({ gates, overviews }: Rooms): Route[] {
  const shared = { room: 'gates', url: '/events/:id/gates', params: ById } as const
  return [
    route({
      ...shared,
      method: 'POST',
      permission: 'write',
      summary: 'Create a gate',
      body: NewGate,
      answers: { 201: GateSchema },
      idempotent: true,
      handler: async ({ params, body, caller }) => {
        checkRule(body)
        return created(found(await gates.create(caller.org, params.id as EventId, body)))
      },
    }),
    route({
      ...shared,
      method: 'GET',
      permission: 'read',
      summary: 'The gates with state and numbers',
      answers: { 200: listOf(GateNumbersSchema) },
      handler: async ({ params, caller }) =>
        ok({ items: found(await overviews.read(caller.org, params.id as EventId)).gates }),
    }),
  ]
}

function ofGate({ gates }: Rooms): Route[] {
  const shared = { room: 'gates', url: '/gates/:id', params: ById, answers: { 200: GateSchema } } as const
  return [
    route({
      ...shared,
      method: 'GET',
      permission: 'read',
      summary: 'One gate',
      handler: async ({ params, caller }) => ok(found(await gates.get(caller.org, params.id as GateId))),
    }),
    route({
      ...shared,
      method: 'PATCH',
      permission: 'write',
      summary: 'Change a gate',
      body: GateChange,
      handler: async ({ params, body, caller }) => {
        checkRule(body)
        const gate = found(await gates.get(caller.org, params.id as GateId))
        if (gate.revoked && body.active) throw new Problem('GH-API-401')
        return ok(found(await gates.change(caller.org, params.id as GateId, body)))
      },
    }),
  ]
}

function identity({ gates, issueHandover, cutGate }: Rooms): Route[] {
  const shared = { room: 'gates', method: 'POST', permission: 'admin', params: ById } as const
  return [
    route({
      ...shared,
      url: '/gates/:id/handover',
      summary: 'Make a new identity for the gate; the one before stops working',
      answers: { 200: Type.Object({}, { additionalProperties: true }) },
      handler: async ({ params, caller }) => {
        const gate = found(await gates.get(caller.org, params.id as GateId))
        if (gate.revoked) throw new Problem('GH-API-401')
        return { ...ok(await issueHandover(gate.id)), headers: { 'cache-control': 'no-store' } }
      },
    }),
    route({
      ...shared,
      url: '/gates/:id/revoke',
      summary: 'Refuse this gate from now on',
      answers: { 200: GateSchema },
      handler: async ({ params, caller }) => {
        const gate = found(await gates.revoke(caller.org, params.id as GateId))
        await cutGate(gate.id)
        return ok(gate)
      },
    }),
  ]
}

function checkRule({ rule }: Partial<WantedGate>): void {
  if (rule?.condition !== undefined) checkCondition(rule.condition, 'rule')
}
