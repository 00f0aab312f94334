/** One single-entry ticket at two gates that cannot know of each other; afterwards the cloud says so and counts one person. */
import { cut, gateAt, heal, minutes, overview, type Scene, show, until } from './stage.ts'

export const sharedTicket: Scene = async (stage) => {
  const person = await stage.person((one) => one.entryPolicy === 'once' && one.zones.includes('stage'))
  const gates = [gateAt(stage, 1), gateAt(stage, 3)] as const
  const before = (await overview(stage)).totals
  cut(stage, gates)
  await show(stage, gates[0], person.ticket, 'a single-entry ticket')
  await minutes(stage, 3)
  await show(stage, gates[1], person.ticket, 'a screenshot of the same ticket')
  await heal(stage, gates)
  const tookMs = await until(stage, 'the double entry', 5_000, async () => {
    return (await overview(stage)).totals.doubleEntries > before.doubleEntries
  })
  const after = (await overview(stage)).totals
  stage.say(
    `the cloud shows the double entry after ${tookMs} ms; ${after.arrived - before.arrived} more person counted`,
  )
}
