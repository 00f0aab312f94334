/**
 * The door as a state machine: what it is, what happened, what to do. A release is a pulse with an end that does not depend on
 * anybody remembering it, and only one is under way at a time; people may always get out, so free passage works from every
 * state. Time is monotonic ms; the driver performs the effects and reports contacts.
 *
 *   locked ──release──► released ──time is up, or passed and shut──► locked
 *   locked ──opened without release──► forced          released ──still open after heldOpenMs──► held-open
 *   any ──free passage on──► free-passage ──off──► locked          any ──fault──► fault ──recovered──► locked
 */
export type DoorMode = 'locked' | 'released' | 'held-open' | 'forced' | 'free-passage' | 'fault'

export interface DoorSettings {
  /** Length of a release pulse; at most 30 s. */
  readonly releaseMs: number
  /** A door still open this long after its pulse is held open. */
  readonly heldOpenMs: number
}

export interface Door {
  readonly settings: DoorSettings
  readonly mode: DoorMode
  readonly isOpen: boolean
  /** End of the pulse, or the instant from which an open door counts as held open. */
  readonly until?: number
}

export type DoorInput =
  | { readonly kind: 'release' }
  | { readonly kind: 'contact'; readonly open: boolean }
  | { readonly kind: 'tick' }
  | { readonly kind: 'lock' }
  | { readonly kind: 'free-passage'; readonly on: boolean }
  | { readonly kind: 'fault'; readonly detail: string }
  | { readonly kind: 'recovered' }

export type DoorEffect =
  | { readonly kind: 'energise' }
  | { readonly kind: 'deenergise' }
  /** For the journal's entry of kind "door". */
  | { readonly kind: 'journal'; readonly state: DoorMode; readonly detail?: string }
  /** The contact saw somebody pass. */
  | { readonly kind: 'passage' }
  /** The release was not done: a pulse is under way, or the door is out of order. */
  | { readonly kind: 'refused'; readonly why: 'in-flight' | 'fault' }

export interface DoorStep {
  readonly state: Door
  readonly effects: readonly DoorEffect[]
}

export const doorDefaults: DoorSettings = { releaseMs: 3000, heldOpenMs: 30_000 }
const releaseAtMostMs = 30_000

/** A locked, shut door; contacts and faults are learned from the first inputs. */
export function createDoor(settings: Partial<DoorSettings> = {}): Door {
  const { releaseMs, heldOpenMs } = { ...doorDefaults, ...settings }
  const bounded = Math.min(Math.max(releaseMs, 1), releaseAtMostMs)
  return { settings: { releaseMs: bounded, heldOpenMs }, mode: 'locked', isOpen: false }
}

/** When the driver must send the next tick; undefined while nothing is waiting. */
export function nextTickAt({ until }: Door): number | undefined {
  return until
}

const energise: DoorEffect = { kind: 'energise' }
const deenergise: DoorEffect = { kind: 'deenergise' }

const stay = (state: Door, ...effects: DoorEffect[]): DoorStep => ({ state, effects })

/** Changes the mode and journals it; a deadline of the old mode ends with it. */
function become(
  door: Door,
  mode: DoorMode,
  effects: readonly DoorEffect[],
  more: { until?: number; detail?: string } = {},
): DoorStep {
  const { settings, isOpen } = door
  const journal: DoorEffect = {
    kind: 'journal',
    state: mode,
    ...(more.detail !== undefined && { detail: more.detail }),
  }
  return {
    state: { settings, isOpen, mode, ...(more.until !== undefined && { until: more.until }) },
    effects: [...effects, journal],
  }
}

/** The power goes off; a door that still stands open is watched until it shuts. */
function relock(door: Door, now: number): DoorStep {
  return become(door, 'locked', [deenergise], door.isOpen ? { until: now + door.settings.heldOpenMs } : {})
}

function release(door: Door, now: number): DoorStep {
  switch (door.mode) {
    case 'released':
      return stay(door, { kind: 'refused', why: 'in-flight' })
    case 'fault':
      return stay(door, { kind: 'refused', why: 'fault' })
    case 'free-passage':
      return stay(door)
    case 'locked':
    case 'held-open':
    case 'forced':
      return become(door, 'released', [energise], { until: now + door.settings.releaseMs })
  }
}

function opened(door: Door): DoorStep {
  if (door.mode === 'released' || door.mode === 'free-passage') return stay(door, { kind: 'passage' })
  return door.mode === 'locked' ? become(door, 'forced', []) : stay(door)
}

function shut(door: Door, now: number): DoorStep {
  switch (door.mode) {
    case 'released':
      return relock(door, now)
    case 'held-open':
    case 'forced':
      return become(door, 'locked', [])
    case 'locked': {
      const { until: _, ...rest } = door
      return stay(rest)
    }
    case 'free-passage':
    case 'fault':
      return stay(door)
  }
}

function contact(door: Door, isOpen: boolean, now: number): DoorStep {
  if (door.isOpen === isOpen) return stay(door)
  const changed = { ...door, isOpen }
  return isOpen ? opened(changed) : shut(changed, now)
}

function tick(door: Door, now: number): DoorStep {
  if (door.until === undefined || now < door.until) return stay(door)
  if (door.mode === 'released') return relock(door, now)
  return door.mode === 'locked' && door.isOpen ? become(door, 'held-open', []) : stay(door)
}

function freePassage(door: Door, on: boolean, now: number): DoorStep {
  if (on) return door.mode === 'free-passage' ? stay(door) : become(door, 'free-passage', [energise])
  return door.mode === 'free-passage' ? relock(door, now) : stay(door)
}

/** Pure: the same state, input and instant give the same step. An input that changes nothing has no effects. */
export function doorStep(door: Door, input: DoorInput, now: number): DoorStep {
  switch (input.kind) {
    case 'release':
      return release(door, now)
    case 'contact':
      return contact(door, input.open, now)
    case 'tick':
      return tick(door, now)
    case 'lock':
      return door.mode === 'released' || door.mode === 'free-passage' ? relock(door, now) : stay(door)
    case 'free-passage':
      return freePassage(door, input.on, now)
    case 'fault':
      return door.mode === 'fault' ? stay(door) : become(door, 'fault', [deenergise], { detail: input.detail })
    case 'recovered':
      return door.mode === 'fault' ? relock(door, now) : stay(door)
  }
}
