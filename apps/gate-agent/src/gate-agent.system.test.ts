import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochId, ParticipantId } from '@gatehouse/domain'
import {
  canonicalJson,
  chainHash,
  encodeIBeacon,
  encodeTicket,
  GENESIS,
  parseJournalLine,
  pseudonym,
  type RosterLine,
} from '@gatehouse/protocol'
import { systemClock } from '@gatehouse/runtime'
import { seededRandom, uuidFrom } from '@gatehouse/testkit'
import { toBuffer, toFile } from 'qrcode'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { madeHandover } from './handover-for-tests.ts'
import type { AnswerView, StateView } from './kiosk-api/wire.ts'
import { createSqliteJournal } from './store/sqlite-journal.ts'
import { createSqliteRoster } from './store/sqlite-roster.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const PEOPLE = 400
const made = madeHandover('system test')
const event = String(made.document.event)
const gateId = String(made.document.gate)
const pepper = Buffer.from(String(made.document.pepper), 'hex')
const badgeUuid = '01020304-0506-0708-090a-0b0c0d0e0f10'
const ids = Array.from({ length: PEOPLE }, uuidOf(seededRandom(5)))
const running = new Set<ChildProcess>()
const folders: string[] = []
let folder = ''

function uuidOf(random: () => number) {
  return () => uuidFrom(random) as ParticipantId
}

function ticketOf(n: number): string {
  const fields = { keyId: 1, eventId: event, ticket: n.toString(16).padStart(20, '0'), class: 0, flags: 0 }
  return encodeTicket({ ...fields, notBefore: 0, notAfter: 0 }, made.tickets)
}

/** What a cloud would have sent before it went away. */
function fillRoster(): void {
  const roster = createSqliteRoster({ path: join(folder, 'roster.db') })
  const rules = { kind: 'rules', id: event, repeatWindowSec: 1, ticketKeys: [made.ticketKey] } as unknown as RosterLine
  const people = ids.map((id, n): RosterLine => {
    const qr = { kind: 'qr', key: pseudonym(pepper, 'qr', n.toString(16).padStart(20, '0')), status: 'active' } as const
    const badge = {
      kind: 'badge',
      key: pseudonym(pepper, 'badge', `ib:${badgeUuid}:1:${n}`),
      status: 'active',
    } as const
    const rest = { status: 'active', ticketType: 'day', zones: [], entryPolicy: 'unlimited' } as const
    return { kind: 'participant', id, ...rest, credentials: [qr, badge], name: n === 3 ? '김소영' : `Person ${n}` }
  })
  const lines = [rules, ...people].map((line) => ({ line, text: canonicalJson(line) }))
  roster.applyRoster({ from: 0, to: lines.length, lines })
  roster.close()
}

interface RunningGate {
  readonly http: string
  readonly child: ChildProcess
  /** Everything printed so far. */
  readonly output: () => string
  readonly ended: Promise<number | null>
}

function spawnGate(...sets: string[]) {
  const told = ['--set', `data.dir=${folder}`, '--set', 'http.port=0', ...sets.flatMap((set) => ['--set', set])]
  const child = spawn(process.execPath, [MAIN, ...told], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  return { child, output: () => output, ended }
}

async function startGate(...sets: string[]): Promise<RunningGate> {
  const gate = spawnGate(...sets)
  const http = await vi.waitFor(
    () => {
      const line = gate
        .output()
        .split('\n')
        .find((text) => text.startsWith('{"ready":true'))
      if (!line) throw new Error(`not ready: ${gate.output()}`)
      return String((JSON.parse(line) as { http: string }).http)
    },
    { timeout: 30_000, interval: 20 },
  )
  return { ...gate, http }
}

async function scan(
  { http }: RunningGate,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'text/plain',
  query = '',
): Promise<AnswerView> {
  const reply = await fetch(`${http}/api/v1/scan${query}`, { method: 'POST', body, headers: { 'content-type': type } })
  expect(reply.status).toBe(200)
  return (await reply.json()) as AnswerView
}

async function stateOf({ http }: RunningGate): Promise<StateView> {
  return (await (await fetch(`${http}/api/v1/state`)).json()) as StateView
}

/** The journal as it lies on the disk, proven line by line. */
function provenJournal(): { seq: number; line: string }[] {
  const journal = createSqliteJournal({ path: join(folder, 'journal.db'), epoch: () => 'none' as EpochId })
  const rows = journal.rows(journal.epoch(), 1, 1_000_000)
  expect(journal.opening).toEqual({})
  let hash = GENESIS
  rows.forEach(({ seq, line, hash: stored }, n) => {
    expect(seq).toBe(n + 1)
    expect(parseJournalLine(line)).toMatchObject({ ok: true, value: { seq } })
    hash = chainHash(hash, line)
    expect(Buffer.compare(hash, stored)).toBe(0)
  })
  journal.close()
  return rows.map(({ seq, line }) => ({ seq, line }))
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-agent-'))
  folders.push(folder)
  writeFileSync(join(folder, 'handover.json'), JSON.stringify(made.document), { mode: 0o600 })
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })))

describe('a gate that no cloud ever answers', () => {
  test('with an empty roster asks staff and says why', async () => {
    const answer = await scan(await startGate(), ticketOf(1))
    expect(answer.decision).toMatchObject({ outcome: 'ask', reason: 'empty-roster' })
  })

  test('decides with what it has: pictures, texts, badges, people by hand; and ends in order', async () => {
    fillRoster()
    const qrFolder = join(folder, 'qr')
    const socket = join(folder, 'ble.sock')
    const gate = await startGate(`scan.qr.folder=${qrFolder}`, `scan.ble.socket=${socket}`)

    const picture = await toBuffer(ticketOf(1), { errorCorrectionLevel: 'M' })
    const admitted = await scan(gate, new Uint8Array(picture), 'image/png')
    expect(admitted).toMatchObject({
      lane: 'a',
      via: 'qr',
      decision: { outcome: 'admit' },
      participant: { id: ids[1] },
    })
    expect((await scan(gate, 'GT1:FORGED')).decision).toMatchObject({ outcome: 'deny', reason: 'unreadable' })
    expect((await scan(gate, ticketOf(1), 'text/plain', '?direction=exit')).decision.outcome).toBe('admit')

    // As scanners do: written beside, then moved in.
    await toFile(join(folder, 'picture.png'), ticketOf(2))
    await vi.waitFor(() => expect(existsSync(qrFolder)).toBe(true))
    renameSync(join(folder, 'picture.png'), join(qrFolder, 'picture.png'))

    const client = createConnection(socket)
    const ad = Buffer.from(encodeIBeacon(badgeUuid, 1, 5, -59)).toString('hex')
    const calling = setInterval(
      () => client.write(`${JSON.stringify({ at: Date.now(), addr: 'aa:bb:cc:dd:ee:ff', rssi: -50, ad })}\nnoise\n`),
      50,
    )
    const found = (await (await fetch(`${gate.http}/api/v1/find?q=${encodeURIComponent('ㄱㅅㅇ')}`)).json()) as {
      people: { id: string }[]
    }
    expect(found.people.map(({ id }) => id)).toEqual([ids[3]])
    const body = JSON.stringify({ participant: ids[3], staff: 'desk-1' })
    const byHand = await fetch(`${gate.http}/api/v1/check-in`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(await byHand.json()).toMatchObject({ via: 'manual', staff: 'desk-1', decision: { outcome: 'admit' } })

    const answers = async () =>
      ((await (await fetch(`${gate.http}/api/v1/recent`)).json()) as { answers: AnswerView[] }).answers
    await vi.waitFor(
      async () =>
        expect((await answers()).map((answer) => answer.participant?.id)).toEqual(
          expect.arrayContaining([ids[2], ids[5]]),
        ),
      { timeout: 15_000 },
    )
    clearInterval(calling)
    client.destroy()
    expect(readdirSync(qrFolder)).toEqual([])
    expect(await stateOf(gate)).toMatchObject({
      gate: { id: gateId },
      link: { state: 'never' },
      roster: { rows: PEOPLE },
      door: { state: 'released' },
    })

    const began = systemClock.monoMs()
    gate.child.kill('SIGTERM')
    expect(await gate.ended).toBe(0)
    expect(systemClock.monoMs() - began).toBeLessThan(10_000)
    expect(existsSync(socket)).toBe(false)
    const kinds = provenJournal().map(
      ({ line }) =>
        (JSON.parse(line) as { kind: string; what?: string }).what ?? (JSON.parse(line) as { kind: string }).kind,
    )
    expect([kinds[0], kinds.at(-1)]).toEqual(['start', 'stop'])
  })

  test('remembers after a restart who is inside', async () => {
    fillRoster()
    const first = await startGate()
    await scan(first, ticketOf(7))
    first.child.kill('SIGKILL')
    await first.ended
    const second = await startGate()
    expect((await stateOf(second)).inside).toBe(1)
  })
})

test('killed twenty times in the middle of a stream of readings, it loses none it has answered and its chain has no gap', async () => {
  fillRoster()
  const random = seededRandom(20)
  const answered = new Map<number, string>()
  let next = 0
  for (let round = 0; round < 20; round += 1) {
    const gate = await startGate('log.level=error')
    // After so many answers, with two more readings under way.
    let left = 1 + random.int(12)
    const stream = async () => {
      for (;;) {
        const who = next++ % PEOPLE
        const answer = await scan(gate, ticketOf(who))
        if (answer.seq !== undefined) answered.set(answer.seq, ids[who] ?? '')
        left -= 1
        if (left === 0) gate.child.kill('SIGKILL')
      }
    }
    const streams = [stream(), stream(), stream()].map((one) => one.catch(() => undefined))
    await Promise.all([gate.ended, ...streams])
  }
  const journal = new Map(provenJournal().map(({ seq, line }) => [seq, JSON.parse(line) as { participant?: string }]))
  expect(answered.size).toBeGreaterThan(20)
  for (const [seq, participant] of answered) expect(journal.get(seq)?.participant).toBe(participant)
})

describe('a gate that is told wrong', () => {
  test.each([
    ['an unknown option', ['http.prot=1'], 78, 'http.prot'],
    ['a hand-over document that is not there', ['handover=/nowhere/handover.json'], 78, '/nowhere/handover.json'],
  ])('%s ends with 78 and names it', async (_what, sets, code, name) => {
    const gate = spawnGate(...sets)
    expect(await gate.ended).toBe(code)
    expect(gate.output()).toContain(name)
    expect(gate.output()).not.toContain('    at ')
  })

  test('a second agent on the same data is refused by name, and the first goes on', async () => {
    const first = await startGate()
    const second = spawnGate()
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain('GH-STORE-006')
    expect((await stateOf(first)).door.state).toBe('locked')
  })

  test('a port in use is said to be one', async () => {
    const first = await startGate()
    const port = new URL(first.http).port
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-agent-'))
    folders.push(folder)
    writeFileSync(join(folder, 'handover.json'), JSON.stringify(made.document), { mode: 0o600 })
    const second = spawnGate(`http.port=${port}`)
    expect(await second.ended).toBe(1)
    expect(second.output()).toContain(`port ${port} is in use`)
  })
})
