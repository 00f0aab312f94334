/**
 * The one door of the package: what a gate needs of its devices. Behind each port stand real and fake drivers that pass the
 * same contract test.
 */
export { createQrDecoder, type QrCounters, type QrDecoder, type QrDecoderOptions } from './qr/decoder.ts'
export { IMAGE_LIMITS, type QrImage } from './qr/image.ts'
export { createLatestFrame, type LatestFrame } from './qr/latest-frame.ts'
export type { RefusalCode } from './qr/refusal.ts'
