/** The numbers of an event for those who ask by HTTP; who wants to watch uses the live WebSocket. */
import type { EventId } from '@gatehouse/domain'
import Type from 'typebox'
import { found, Problem } from './problem.ts'
import type { Rooms } from './rooms.ts'
import { ok, type Route, route } from './route.ts'
import { ById, listOf, strict } from './schemas.ts'
import { DoubleEntrySchema, OverviewSchema, ScanSchema } from './statistics-schema.ts'

const Limited = strict({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) })

export function statisticsRoutes({ overviews, scans, events }: Rooms): Route[] {
  const shared = { room: 'statistics', method: 'GET', permission: 'read', params: ById } as const
  const mine = async (org: Parameters<typeof events.exists>[0], id: string): Promise<EventId> => {
    if (!(await events.exists(org, id as EventId))) throw new Problem('GH-API-007')
    return id as EventId
  }
  return [
    route({
      ...shared,
      url: '/events/:id/overview',
      summary: 'How many are in, how fast they come, how each gate does',
      answers: { 200: OverviewSchema },
      handler: async ({ params, caller }) => ok(found(await overviews.read(caller.org, params.id as EventId))),
    }),
    route({
      ...shared,
      url: '/events/:id/scans',
      summary: 'The last decisions, newest first',
      query: Limited,
      answers: { 200: listOf(ScanSchema) },
      handler: async ({ params, query, caller }) =>
        ok({ items: await scans.last(caller.org, await mine(caller.org, params.id), query.limit ?? 50) }),
    }),
    route({
      ...shared,
      url: '/events/:id/double-entries',
      summary: 'Who was admitted twice without leaving, newest first',
      query: Limited,
      answers: { 200: listOf(DoubleEntrySchema) },
      handler: async ({ params, query, caller }) =>
        ok({ items: await scans.doubleEntries(caller.org, await mine(caller.org, params.id), query.limit ?? 50) }),
    }),
  ]
}
