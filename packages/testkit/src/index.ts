export {
  aParticipant,
  aReading,
  someEvent,
  someFacts,
  someGate,
  someInstant,
  someKey,
  someParticipant,
  someRules,
} from './builders.ts'
export { type FreshDatabase, freshDatabase, type RunningPostgres, startPostgres } from './postgres.ts'
export { type SeededRandom, seededRandom, uuidFrom } from './seeded-random.ts'
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
