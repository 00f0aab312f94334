import type { EpochId, GateId, OrgId } from '@gatehouse/domain'
import { expect, test } from 'vitest'
import type { IngestAlert } from './needs.ts'
import { oncePerEpoch } from './once-per-epoch.ts'

const org = '01990000-0000-7000-8000-000000000001' as OrgId
const unsigned = (gate: string, epoch: string): IngestAlert => ({
  org,
  gate: gate as GateId,
  epoch: epoch as EpochId,
  what: 'unsigned',
})

function setUp(epochsKept: number) {
  const heard: string[] = []
  const alert = oncePerEpoch(({ what, gate, epoch }) => heard.push(`${what} ${gate} ${epoch}`), epochsKept)
  return { alert, heard }
}

test('the same alert is said once for each gate and epoch', () => {
  const { alert, heard } = setUp(10)
  for (const [gate, epoch] of ['a1', 'a1', 'b1', 'a2', 'a1']) alert(unsigned(gate as string, epoch as string))
  expect(heard).toEqual(['unsigned a 1', 'unsigned b 1', 'unsigned a 2'])
})

test('an alert about particular entries is said every time', () => {
  const { alert, heard } = setUp(10)
  for (let n = 0; n < 2; n += 1) alert({ ...unsigned('a', '1'), what: 'conflict' })
  expect(heard).toHaveLength(2)
})

test('what it remembers is bounded: the epoch said first is forgotten first', () => {
  const { alert, heard } = setUp(2)
  for (const epoch of ['1', '2', '3', '3', '1']) alert(unsigned('a', epoch))
  expect(heard).toEqual(['unsigned a 1', 'unsigned a 2', 'unsigned a 3', 'unsigned a 1'])
})
