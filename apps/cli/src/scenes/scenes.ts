/** The scenes that the demo venue can play, by the name they are asked for. */
import { cutScene } from './cut.ts'
import { revoked } from './revoked.ts'
import { rush } from './rush.ts'
import { sharedTicket } from './shared-ticket.ts'
import type { Scene } from './stage.ts'
import { wrongDoor } from './wrong-door.ts'

export const scenes: Readonly<Record<string, Scene>> = {
  rush,
  cut: cutScene,
  'shared-ticket': sharedTicket,
  revoked,
  'wrong-door': wrongDoor,
}

export const sceneNames: readonly string[] = Object.keys(scenes)
