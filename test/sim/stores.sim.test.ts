import { journalContract, firstEpoch } from '../../apps/gate-agent/src/store/journal-contract.ts'
import { rosterContract } from '../../apps/gate-agent/src/store/roster-contract.ts'
import { createMapJournal, type MapJournal } from './stores/map-journal.ts'
import { createMapRoster, type MapRoster } from './stores/map-roster.ts'

journalContract(
  'maps',
  () => createMapJournal({ epoch: firstEpoch }),
  (store) => createMapJournal((store as MapJournal).image()),
)
rosterContract(
  'maps',
  () => createMapRoster(),
  (store) => (store as MapRoster).survivor(0),
)
