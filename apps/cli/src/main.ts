/**
 * `gatehouse`: what a person does with the system from a terminal. Every command says what went wrong and what to do next; the
 * exit code is 0 when it worked, 1 when it did not, 2 when it was called wrongly.
 */
import { describe, exitCodes, Failure } from '@gatehouse/runtime'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { demo } from './demo-command.ts'
import { scan } from './scan-command.ts'
import { sceneNames } from './scenes/scenes.ts'

const DATA = '.gatehouse/demo'

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('It has to be a whole number.')
  return number
}

function scene(text: string): string {
  if (!sceneNames.includes(text)) throw new InvalidArgumentError(`Known scenes: ${sceneNames.join(', ')}.`)
  return text
}

const program = new Command('gatehouse')
  .description('Event gates that decide on their own, and a cloud that never loses a check-in.')
  .exitOverride()
  .showHelpAfterError('(--help lists what there is)')

program
  .command('demo', { isDefault: true })
  .description('opens a demo venue on this machine: cloud, gates and a crowd (this is what npm start does)')
  .addOption(new Option('--data <folder>', 'where it keeps its data').default(DATA).env('GATEHOUSE_DATA'))
  .addOption(
    new Option('--http-port <port>', 'the cloud’s pages and API; gates take the ports after it')
      .default(8080)
      .argParser(whole)
      .env('GATEHOUSE_HTTP_PORT'),
  )
  .addOption(
    new Option('--mqtt-port <port>', 'the broker that gates connect to')
      .default(8883)
      .argParser(whole)
      .env('GATEHOUSE_MQTT_PORT'),
  )
  .option('--gates <n>', 'how many gates, 1 to 4', whole, 3)
  .option('--people <n>', 'how many people are registered', whole, 5_000)
  .option('--seed <n>', 'the crowd does the same things for the same seed', whole, 1)
  .option('--scene <name>', `plays a scene: ${sceneNames.join(', ')}`, scene)
  .option('--faster <n>', 'how many times faster than life a scene is played', whole, 10)
  .option('--fresh', 'throws the data folder away first', false)
  .option('--no-crowd', 'nobody comes by themselves')
  .action(demo)

program
  .command('scan')
  .description('shows a picture of a ticket to a gate of the running venue and prints the decision')
  .argument('<picture>', 'a .png or .jpg file')
  .addOption(new Option('--data <folder>', 'data folder of the venue').default(DATA).env('GATEHOUSE_DATA'))
  .option('--gate <n>', 'which gate', whole, 1)
  .action(scan)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
  const code = error instanceof Failure ? ` [${error.code}]` : ''
  process.stderr.write(`gatehouse: ${describe(error)}${code}\n`)
  process.exit(exitCodes.failure)
}
