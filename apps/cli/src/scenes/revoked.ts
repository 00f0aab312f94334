/** A ticket is refunded while a gate is away: it cannot know, and the moment it is back it does. */

import { gateState } from '../venue/gate-client.ts'
import { cut, gateAt, heal, type Scene, show, until } from './stage.ts'

export const revoked: Scene = async (stage) => {
  const early = await stage.person((one) => one.ticketType === 'day')
  const late = await stage.person((one) => one.ticketType === 'day')
  const gate = gateAt(stage, 2)
  const { client } = stage.open.cloud
  cut(stage, [gate])
  for (const person of [early, late]) await client.patch(`/participants/${person.id}`, { status: 'cancelled' })
  stage.say(`two tickets were refunded; gate ${gate.name} does not know yet`)
  const { cursor } = (await gateState(gate.http)).roster
  await show(stage, gate, early.ticket, 'the first of them')
  await heal(stage, [gate])
  await until(stage, 'the news of the refund', 5_000, async () => (await gateState(gate.http)).roster.cursor > cursor)
  await show(stage, gate, late.ticket, 'the second of them')
}
