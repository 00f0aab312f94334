/** In the middle of the rush the venue's network dies for forty minutes; nobody at the gates needs to notice. */
import { RUSH_MINUTES, SHARE } from './rush.ts'
import { cut, heal, minutes, overview, type Scene } from './stage.ts'

const CUT_AFTER_MINUTES = 15
const CUT_MINUTES = 40

export const cutScene: Scene = async (stage) => {
  const count = Math.round(stage.open.venue.people.length * SHARE)
  const coming = stage.rush(count, RUSH_MINUTES)
  await minutes(stage, CUT_AFTER_MINUTES)
  const before = (await overview(stage)).totals
  cut(stage, stage.open.gates)
  await minutes(stage, CUT_MINUTES)
  await coming
  stage.say(`the cloud still shows ${before.arrived} arrived, as of the cut`)
  await heal(stage, stage.open.gates)
  const after = (await overview(stage)).totals
  stage.say(`the cloud now shows ${after.arrived} arrived`)
}
