/** Sets the stage for a scene and plays it; a scene that does not go as it should says so and lets the venue live on. */
import { describe } from '@gatehouse/runtime'
import type { Crowd } from '../crowd/crowd.ts'
import type { OpenVenue } from '../venue/open.ts'
import type { VenuePerson } from '../venue/set-up.ts'
import { scenes } from './scenes.ts'
import type { Stage } from './stage.ts'

export interface Play {
  readonly open: OpenVenue
  readonly crowd: Crowd
  readonly faster: number
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

/** True when the scene went as it should. */
export async function playScene(name: string, play: Play): Promise<boolean> {
  const scene = scenes[name]
  if (!scene) throw new Error(`no scene is called ${name}`)
  const say = (text: string) => play.say(`[${name}] ${text}`)
  try {
    await scene(stageFor(play, say))
    say('the scene is over')
    return true
  } catch (error) {
    say(`the scene did not go as it should: ${describe(error)}`)
    return false
  }
}

function stageFor({ open, crowd, faster, signal }: Play, say: (text: string) => void): Stage {
  // The crowd takes people from the front of the list; scenes take theirs from its end.
  const left = open.venue.people.slice(-Math.ceil(open.venue.people.length / 10))
  return {
    open,
    faster,
    signal,
    say,
    rush: (people, minutes) => crowd.rush({ people, minutes, faster }, signal),
    person: (wanted = () => true) => takeLast(left, wanted),
  }
}

function takeLast(people: VenuePerson[], wanted: (person: VenuePerson) => boolean): VenuePerson {
  const at = people.findLastIndex(wanted)
  const [person] = at < 0 ? [] : people.splice(at, 1)
  if (!person) throw new Error('nobody of the kind the scene needs is left; start with more --people')
  return person
}
