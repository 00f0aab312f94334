/**
 * The one door of the package: what a gate needs of its devices. Behind each port stand real and fake drivers that pass the
 * same contract test.
 */
export { formatAdvertisementLine, MAX_LINE_BYTES, parseAdvertisementLine } from './ble/advertisement-line.ts'
export { createFakeBeaconSource, type FakeBeaconSource } from './ble/fake-source.ts'
export { createReplayBeaconSource, type ReplaySettings } from './ble/replay-source.ts'
export type { Advertisement, BeaconCounters, BeaconSource } from './ble/source.ts'
export { createStreamBeaconSource } from './ble/stream-source.ts'
export { type ConsoleDoorSettings, createConsoleDoor } from './door/console-door.ts'
export type { Contact, DoorDriver } from './door/driver.ts'
export { createFakeDoor, type FakeDoor } from './door/fake-door.ts'
export { createConsoleLight } from './light/console-light.ts'
export type { LightColour, LightDriver } from './light/driver.ts'
export { createFakeLight, type FakeLight } from './light/fake-light.ts'
export { createQrDecoder, type QrCounters, type QrDecoder, type QrDecoderOptions } from './qr/decoder.ts'
export { IMAGE_LIMITS, type QrImage } from './qr/image.ts'
export { createLatestFrame, type LatestFrame } from './qr/latest-frame.ts'
export type { RefusalCode } from './qr/refusal.ts'
