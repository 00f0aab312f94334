/**
 * Why the decoder did not even look for a code, or gave up on a frame. The names are the label values of the gate's
 * `gatehouse_qr_refused_total` counter, so they change only on purpose.
 */
export type RefusalCode =
  | 'image-shape'
  | 'image-too-small'
  | 'image-too-large'
  | 'file-too-large'
  | 'file-format'
  | 'file-damaged'
  | 'file-interlaced'
  | 'busy'
  | 'deadline'
  | 'worker-lost'
  | 'reader-failed'
  | 'stopped'

/** Parsing either gives a value or says, by code, why not; nothing throws on what came from outside. */
export type Accepted<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: RefusalCode }

export const refuse = (code: RefusalCode): { readonly ok: false; readonly code: RefusalCode } => ({ ok: false, code })
