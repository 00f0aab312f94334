import type { EventId, GateId, OrgId, ParticipantId } from '@gatehouse/domain'
import { firstEpoch, journalContract } from '../../apps/gate-agent/src/store/journal-contract.ts'
import { rosterContract } from '../../apps/gate-agent/src/store/roster-contract.ts'
import { ingestContract } from './store-contract.ts'
import { createMapCloud } from './stores/map-cloud.ts'
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

const org = '01990000-0000-7000-8000-000000000001' as OrgId
const event = '01990000-0000-7000-8000-00000000e001' as EventId

ingestContract('maps', async () => ({
  store: createMapCloud(org, event).connect(async () => undefined),
  org,
  event,
  gate: '01990000-0000-7000-8000-00000000a001' as GateId,
  people: ['01990000-0000-7000-8000-00000000b001', '01990000-0000-7000-8000-00000000b002'] as [
    ParticipantId,
    ParticipantId,
  ],
}))
