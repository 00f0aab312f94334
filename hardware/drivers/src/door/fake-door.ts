/**
 * A door for tests: it remembers its changes, its contact is moved by hand, and it can be told to fail.
 */
import { Failure } from '@gatehouse/runtime'
import type { Contact, DoorDriver } from './driver.ts'

export interface FakeDoor extends DoorDriver {
  readonly energised: boolean
  /** Every change of the relay, in order. */
  readonly changes: readonly ('energised' | 'de-energised')[]
  onContact(listener: (contact: Contact) => void): () => void
  setContact(contact: Contact): void
  /** While true, energise rejects with GH-DOOR-001 and the relay stays as it is. */
  fail(failing: boolean): void
}

export function createFakeDoor(): FakeDoor {
  const listeners = new Set<(contact: Contact) => void>()
  const changes: ('energised' | 'de-energised')[] = []
  let energised = false
  let failing = false
  const turn = (wanted: boolean) => {
    if (energised !== wanted) changes.push(wanted ? 'energised' : 'de-energised')
    energised = wanted
  }
  return {
    name: 'fake',
    get energised() {
      return energised
    },
    changes,
    energise: async () => {
      if (failing) throw new Failure('GH-DOOR-001', 'the relay does not answer', { waitingHelps: true })
      turn(true)
    },
    deenergise: async () => turn(false),
    stop: async () => turn(false),
    onContact(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setContact: (contact) => listeners.forEach((listener) => listener(contact)),
    fail: (wanted) => {
      failing = wanted
    },
  }
}
