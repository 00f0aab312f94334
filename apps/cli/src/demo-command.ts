/**
 * `gatehouse demo`, which is `npm start`: opens the venue, says where to look and what to try, lets a crowd come or plays a
 * scene, and ends everything within five seconds of Ctrl-C.
 */
import { relative, resolve } from 'node:path'
import { Failure, systemClock, untilAborted } from '@gatehouse/runtime'
import { createCrowd } from './crowd/crowd.ts'
import { playScene } from './scenes/play.ts'
import { randomFrom } from './venue/chance.ts'
import { throwAway } from './venue/heal.ts'
import { type OpenVenue, openVenue } from './venue/open.ts'
import { revokeTickets } from './venue/revoke.ts'
import { makeSamples } from './venue/samples.ts'

export interface DemoOptions {
  readonly data: string
  readonly httpPort: number
  readonly mqttPort: number
  readonly gates: number
  readonly people: number
  readonly seed: number
  readonly scene?: string
  readonly faster: number
  readonly fresh: boolean
  readonly crowd: boolean
}

function say(text: string): void {
  process.stderr.write(`${new Date().toLocaleTimeString('en-GB')}  ${text}\n`)
}

export async function demo(options: DemoOptions): Promise<void> {
  if (options.gates < 1 || options.gates > 4) throw new Failure('GH-VENUE-005', 'the venue has 1 to 4 gates')
  const ending = untilAsked()
  const data = resolve(options.data)
  if (options.fresh) await throwAway(data, say)
  const random = randomFrom(options.seed)
  const pace = options.scene === undefined ? 1 : options.faster
  const open = await openVenue({ ...options, data, random, pace, say })
  try {
    if (ending.aborted) return
    await greet(open, options)
    await letPeopleCome(open, options, ending)
  } finally {
    say('closing the venue')
    await open.close()
    say('everything has ended')
  }
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends at once and the next start heals. */
function untilAsked(): AbortSignal {
  const controller = new AbortController()
  const ask = () => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
  }
  process.on('SIGINT', ask).on('SIGTERM', ask)
  return controller.signal
}

async function greet(open: OpenVenue, options: DemoOptions): Promise<void> {
  const { token } = await open.cloud.client.post<{ token: string }>('/login-tokens', {})
  const sample = await makeSamples(open)
  const lines = [
    '',
    `  Cloud         ${open.cloud.http}/`,
    `  Dashboard     ${open.cloud.http}/?login=${token}  (signed in, once)`,
    ...open.gates.map((gate) => `  Gate ${gate.name.padEnd(9)}${gate.http}/`),
    `  Staff desk    ${open.cloud.http}/desk`,
    `  API key       ${open.isNew ? open.cloud.key : `in ${relative(process.cwd(), open.cloud.keyFile)}`}`,
    '',
    `  Try: npm run gatehouse -- scan ${sample}${options.data === '.gatehouse/demo' ? '' : ` --data ${options.data}`}`,
    '  Ctrl-C closes the venue. npm start -- --help lists what else there is.',
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function letPeopleCome(open: OpenVenue, options: DemoOptions, ending: AbortSignal): Promise<void> {
  const random = randomFrom(options.seed + 1)
  const badgeKey = open.gates[0]?.badgeKey ?? ''
  const people = open.venue.people
  const gates = open.gates.map(({ id, name, zone, http, layout }) => ({ id, name, zone, http, ...layout }))
  const revoke = (person: { id: string }) => revokeTickets(open.cloud.client, person)
  const crowd = createCrowd({ random, clock: systemClock, people, gates, badgeKey, story: say, revoke })
  if (options.scene) await playScene(options.scene, { open, crowd, faster: options.faster, signal: ending, say })
  if (ending.aborted) return
  if (options.crowd) await crowd.calm(ending)
  else await untilAborted(ending)
}
