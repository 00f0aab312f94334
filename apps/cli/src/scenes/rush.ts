/** Doors open: four of five people come within half an hour. */
import { overview, type Scene } from './stage.ts'

export const SHARE = 0.8
export const RUSH_MINUTES = 30

export const rush: Scene = async (stage) => {
  const count = Math.round(stage.open.venue.people.length * SHARE)
  stage.say(`${count} people come within ${RUSH_MINUTES} minutes (${stage.faster} times faster than life)`)
  await stage.rush(count, RUSH_MINUTES)
  const { totals } = await overview(stage)
  stage.say(`${totals.arrived} people have arrived`)
}
