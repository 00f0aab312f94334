/**
 * The gate's journal as maps: the fast mode of the simulator. Every call is durable when it returns, as SQLite with FULL is; what a
 * crash can take is decided by who calls, so the whole state can be copied (a disk image) and opened again.
 */
import type { CredentialKey, EpochId, ParticipantId, Passage } from '@gatehouse/domain'
import type { Again, EpochPosition, JournalRow, JournalStore, Mark } from '@gatehouse/gate-agent/store/ports.ts'
import { chainHash, encodeJournalLine, GENESIS, type JournalEntry } from '@gatehouse/protocol'

type Found = NonNullable<ReturnType<JournalStore['earlier']>>

interface Life {
  readonly epoch: EpochId
  rows: JournalRow[]
  /** Rows up to here were deleted. */
  compacted: number
  compactedHash: Uint8Array
  acked: number
  readonly parked: Set<number>
}

interface Answer {
  readonly epoch: EpochId
  readonly seq: number
  readonly participant?: ParticipantId
  readonly credential: CredentialKey
  readonly found: Found
}

export interface JournalImage {
  readonly lives: readonly Life[]
  readonly marks: readonly Mark[]
  readonly answers: readonly Answer[]
}

export interface MapJournal extends JournalStore {
  image(): JournalImage
}

const answersKept = 2000

export function createMapJournal(from: JournalImage | { readonly epoch: EpochId }): MapJournal {
  const lives: Life[] = 'lives' in from ? from.lives.map(copyLife) : [newLife(from.epoch)]
  /** As they are on disk; `marks` are those that count now. */
  let durableMarks: Mark[] = 'lives' in from ? [...from.marks] : []
  let marks: Mark[] = durableMarks
  let answers: Answer[] = 'lives' in from ? [...from.answers] : []
  let marksByPerson: Map<ParticipantId, Mark[]> | undefined

  const present = () => lives.at(-1) as Life
  const lifeOf = (epoch: EpochId) => lives.find((life) => life.epoch === epoch)
  const changeMarks = (change: (marks: Mark[]) => Mark[]) => {
    marks = change(marks)
    durableMarks = change(durableMarks)
    marksByPerson = undefined
  }

  function write(entry: JournalEntry): JournalRow {
    const life = present()
    const seq = lastSeq(life) + 1
    const line = encodeJournalLine(seq, entry)
    const row = { seq, line, hash: chainHash(hashAt(life, seq - 1) ?? GENESIS, line) }
    life.rows.push(row)
    if (entry.kind === 'decision') remember(life.epoch, seq, entry)
    return row
  }

  function remember(epoch: EpochId, seq: number, entry: Extract<JournalEntry, { kind: 'decision' }>): void {
    const { at, lane, direction, outcome, reason, rule, credential, participant } = entry
    const found = {
      at,
      lane,
      direction,
      outcome,
      credential,
      ...(reason && { reason }),
      ...(rule && { rule }),
    } as Found
    answers.push({ epoch, seq, credential, found, ...(participant && { participant }) })
    if (answers.length > answersKept) answers = answers.slice(-answersKept / 2)
  }

  function append(entry: JournalEntry, mark?: Passage, takesBack?: number): JournalRow {
    const { epoch } = present()
    if (takesBack !== undefined) {
      changeMarks((all) => all.filter((each) => each.epoch !== epoch || each.seq !== takesBack))
      answers = answers.filter((answer) => answer.epoch !== epoch || answer.seq !== takesBack)
    }
    const row = write(entry)
    if (mark) changeMarks((all) => [...all, { ...mark, epoch, seq: row.seq }])
    return row
  }

  function acknowledge(epoch: EpochId, through: number, parked: readonly number[], again: readonly Again[] = []) {
    const life = lifeOf(epoch)
    if (!life) return []
    life.acked = Math.max(life.acked, Math.min(through, lastSeq(life)))
    const fresh = parked.filter((seq) => !life.parked.has(seq))
    for (const seq of fresh) life.parked.add(seq)
    return again.filter(({ seq }) => fresh.includes(seq)).map(({ seq, entry }) => writeAgain(epoch, seq, entry))
  }

  function writeAgain(epoch: EpochId, seq: number, entry: JournalEntry): JournalRow {
    const row = write(entry)
    const moved = { epoch: present().epoch, seq: row.seq }
    changeMarks((all) => all.map((mark) => (mark.epoch === epoch && mark.seq === seq ? { ...mark, ...moved } : mark)))
    return row
  }

  function marksOf(participant: ParticipantId): readonly Mark[] {
    marksByPerson ??= Map.groupBy(marks, (mark) => mark.participant)
    return marksByPerson.get(participant) ?? []
  }

  function compact(keepFrom: number): void {
    for (const life of lives) {
      const needed = Math.min(...durableMarks.filter(({ epoch }) => epoch === life.epoch).map(({ seq }) => seq))
      const isDone = ({ seq, line }: JournalRow) =>
        seq <= life.acked && seq < needed && (JSON.parse(line) as { at: number }).at < keepFrom
      const kept = life.rows.findIndex((row) => !isDone(row))
      const gone = kept < 0 ? life.rows : life.rows.slice(0, kept)
      const last = gone.at(-1)
      if (!last) continue
      life.compacted = last.seq
      life.compactedHash = last.hash
      life.rows = life.rows.slice(gone.length)
    }
  }

  return {
    epoch: () => present().epoch,
    lastSeq: () => lastSeq(present()),
    epochs: () => lives.filter((life) => life === present() || life.acked < lastSeq(life)).map(positionOf),
    hashAt(epoch, seq) {
      const life = lifeOf(epoch)
      return life && hashAt(life, seq)
    },
    append,
    rows(epoch, first, atMost) {
      const life = lifeOf(epoch)
      if (!life) return []
      const start = Math.max(0, first - life.compacted - 1)
      return life.rows.slice(start, start + atMost)
    },
    acknowledge,
    unsent() {
      const rows = lives.flatMap((life) => life.rows.filter(({ seq }) => seq > life.acked))
      const oldest = rows.map(({ line }) => (JSON.parse(line) as { at: number }).at)
      const bytes = rows.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0)
      return { count: rows.length, bytes, ...(rows.length > 0 ? { oldestAt: Math.min(...oldest) } : {}) }
    },
    openEpoch: (epoch) => void lives.push(newLife(epoch)),
    marksOf,
    marks: () => marks,
    forgetMarks(epoch, through) {
      marks = marks.filter((mark) => mark.epoch !== epoch || mark.seq > through)
      marksByPerson = undefined
    },
    settleMarks() {
      durableMarks = marks
    },
    forgetMarksOf(participant, until) {
      const isBack = (mark: Mark) => mark.at <= until && mark.seq <= (lifeOf(mark.epoch)?.acked ?? 0)
      marks = marks.filter((mark) => mark.participant !== participant || !isBack(mark))
      marksByPerson = undefined
    },
    earlier(who) {
      const isTheirs = (answer: Answer) =>
        (who.participant !== undefined && answer.participant === who.participant) ||
        (who.credential !== undefined && answer.credential === who.credential)
      return answers.findLast(isTheirs)?.found
    },
    compact,
    image: () => ({ lives: lives.map(copyLife), marks: [...durableMarks], answers: [...answers] }),
  }
}

function newLife(epoch: EpochId): Life {
  return { epoch, rows: [], compacted: 0, compactedHash: GENESIS, acked: 0, parked: new Set() }
}

function copyLife(life: Life): Life {
  return { ...life, rows: [...life.rows], parked: new Set(life.parked) }
}

function lastSeq(life: Life): number {
  return life.compacted + life.rows.length
}

function hashAt(life: Life, seq: number): Uint8Array | undefined {
  return seq === life.compacted ? life.compactedHash : life.rows[seq - life.compacted - 1]?.hash
}

function positionOf(life: Life): EpochPosition {
  return { epoch: life.epoch, lastSeq: lastSeq(life), ackedThrough: life.acked }
}
