/** Sets the stage for a scene and plays it; a scene that does not go as it should says so and lets the venue live on. */
import { describe } from '@gatehouse/runtime'
import type { Crowd } from '../crowd/crowd.ts'
import type { CloudClient } from '../venue/cloud-client.ts'
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
    person: (wanted = () => true) => takeNewcomer(open, left, wanted),
  }
}

/** The venue may have been open before, and the scene played: somebody who came then, or was turned away for good, is passed over. */
async function takeNewcomer(
  { cloud }: OpenVenue,
  people: VenuePerson[],
  wanted: (person: VenuePerson) => boolean,
): Promise<VenuePerson> {
  for (let at = people.findLastIndex(wanted); at >= 0; at = people.findLastIndex(wanted)) {
    const [person] = people.splice(at, 1)
    if (person && (await isNew(cloud.client, person))) return person
  }
  throw new Error('nobody of the kind the scene needs is left; start with more --people or with --fresh')
}

async function isNew(client: CloudClient, { id }: VenuePerson): Promise<boolean> {
  const known = await client.get<{ status: string; presence: unknown; validFrom: unknown }>(`/participants/${id}`)
  return known.status === 'active' && known.presence === null && known.validFrom === null
}
