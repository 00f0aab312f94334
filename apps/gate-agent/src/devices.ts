/**
 * The devices of this gate, as its configuration names them: what the organizer's people touch and see. Which driver stands
 * behind a door or a radio is decided here and nowhere else.
 */
import {
  type BeaconSource,
  createConsoleDoor,
  createConsoleLight,
  createReplayBeaconSource,
  createStreamBeaconSource,
  type DoorDriver,
  type LightDriver,
} from '@gatehouse/drivers'
import type { Clock, Logger } from '@gatehouse/runtime'
import type { GateConfig } from './config.ts'

/** Door and light of the gate with this name; `write` takes one line for the terminal, where there is nothing real to move. */
export function openDoorAndLight(
  config: Pick<GateConfig, 'door.driver'>,
  gate: string,
  write: (line: string) => void,
): { readonly door: DoorDriver; readonly light: LightDriver } {
  const shown = { gate, write: config['door.driver'] === 'console' ? write : () => undefined }
  return { door: createConsoleDoor(shown), light: createConsoleLight(shown) }
}

/** The radios badges are heard with; none where none is configured. */
export function openBeaconSources(
  config: Pick<GateConfig, 'scan.ble.socket' | 'scan.ble.replay'>,
  clock: Clock,
  logger: Logger,
): readonly BeaconSource[] {
  const { 'scan.ble.socket': path, 'scan.ble.replay': file } = config
  const found: BeaconSource[] = []
  if (path) found.push(createStreamBeaconSource({ path, logger }))
  if (file) found.push(createReplayBeaconSource({ file, pace: 'real', clock }))
  return found
}
