/**
 * What the staff screen knows and can do, without a single element: the state as signals, the acts as functions. Answers come by
 * the live stream or as the reply to an own act, whichever is first; each is shown once, for 2.5 s or until the next one.
 */
import { answerOf, type Direction } from '@gatehouse/domain'
import type { Asked, Freshness, Meaning } from '@gatehouse/ui'
import { signal } from '@preact/signals'
import type { Answer, CheckIn, GateApi, GateState, Person } from './gate-api.ts'

const showMs = 2_500
const undoMs = 30_000
const keptAnswers = 5

export type View =
  | { readonly name: 'gate' }
  | { readonly name: 'find' }
  | { readonly name: 'person'; readonly person: Person; readonly answer?: Answer }
  | { readonly name: 'scan' }
  | { readonly name: 'state' }

/** Something staff should read once: a request that got no answer, or was refused. */
export type Trouble = { readonly kind: 'unanswered' } | { readonly kind: 'refused'; readonly detail: string }

interface KioskDeps {
  readonly api: GateApi
  readonly now: () => number
  readonly after: (ms: number, work: () => void) => () => void
  readonly play: (meaning: Meaning) => void
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
}

export type Kiosk = ReturnType<typeof createKiosk>

function sameAnswer(one: Answer, other: Answer): boolean {
  if (one.seq !== undefined || other.seq !== undefined) return one.seq === other.seq
  return one.at === other.at && one.participant?.id === other.participant?.id
}

export function createKiosk({ api, now, after, play, storage }: KioskDeps) {
  const state = signal<GateState | undefined>(undefined)
  const freshness = signal<Freshness>({ live: false })
  const view = signal<View>({ name: 'gate' })
  const shown = signal<Answer | undefined>(undefined)
  const recent = signal<readonly Answer[]>([])
  const ownAct = signal<{ readonly seq: number; readonly until: number } | undefined>(undefined)
  const staff = signal(storage.getItem('gatehouse.staff') ?? '')
  const askingName = signal<((name: string) => Promise<void>) | undefined>(undefined)
  const busy = signal(false)
  const trouble = signal<Trouble | undefined>(undefined)
  let cancelShow = () => {}
  let cancelUndo = () => {}

  function hide(): void {
    cancelShow()
    shown.value = undefined
  }

  function show(answer: Answer): void {
    if (recent.value.some((one) => sameAnswer(one, answer))) return
    recent.value = [answer, ...recent.value].slice(0, keptAnswers)
    cancelShow()
    shown.value = answer
    cancelShow = after(showMs, hide)
    play(answerOf(answer.decision))
  }

  function rememberOwn(answer: Answer): void {
    if (answer.seq === undefined || answer.decision.outcome !== 'admit') return
    cancelUndo()
    ownAct.value = { seq: answer.seq, until: now() + undoMs }
    cancelUndo = after(undoMs, () => {
      ownAct.value = undefined
    })
  }

  function markUndone(seq: number): void {
    recent.value = recent.value.map((one) => (one.seq === seq ? { ...one, undone: true } : one))
    if (shown.value?.seq === seq) hide()
    if (ownAct.value?.seq === seq) ownAct.value = undefined
  }

  /** Manual acts carry a name; it is asked for once and kept until somebody else takes over or the tab is closed. */
  function withStaff(act: (name: string) => Promise<void>): void {
    if (staff.value) void act(staff.value)
    else askingName.value = act
  }

  function nameStaff(name: string): void {
    const act = askingName.value
    staff.value = name.trim()
    storage.setItem('gatehouse.staff', staff.value)
    askingName.value = undefined
    void act?.(staff.value)
  }

  function forgetStaff(): void {
    staff.value = ''
    storage.removeItem('gatehouse.staff')
  }

  async function carryOut<Value>(request: () => Promise<Asked<Value>>): Promise<Value | undefined> {
    if (busy.value) return undefined
    busy.value = true
    trouble.value = undefined
    const asked = await request()
    busy.value = false
    if (asked.ok) return asked.value
    trouble.value = asked.away ? { kind: 'unanswered' } : { kind: 'refused', detail: asked.detail }
    return undefined
  }

  function checkIn(person: Person, direction: Direction, note?: string): void {
    withStaff(async (name) => {
      const request: CheckIn = {
        participant: person.id,
        staff: name,
        direction,
        ...(note ? { override: { note } } : {}),
      }
      const answer = await carryOut(() => api.checkIn(request))
      if (!answer) return
      rememberOwn(answer)
      show(answer)
      // A refusal leads back to the person, where the way past it is; an admission leads back to the queue.
      const isDone = answer.decision.outcome === 'admit'
      view.value = isDone ? { name: 'gate' } : { name: 'person', person: answer.participant ?? person, answer }
    })
  }

  async function scan(ticket: string | Blob): Promise<void> {
    const answer = await carryOut(() => api.scan(ticket))
    if (!answer) return
    rememberOwn(answer)
    show(answer)
    view.value = { name: 'gate' }
  }

  function undo(): void {
    const act = ownAct.value
    if (!act) return
    withStaff(async (name) => {
      const done = await carryOut(() => api.undo({ seq: act.seq, staff: name }))
      if (done !== undefined) markUndone(act.seq)
    })
  }

  function go(to: View): void {
    trouble.value = undefined
    hide()
    view.value = to
  }

  /** One message of the agent's live stream. */
  function hear(name: string, data: unknown): void {
    if (name === 'state') state.value = data as GateState
    if (name === 'answer') show(data as Answer)
    if (name === 'undone') markUndone((data as { seq: number }).seq)
  }

  /** After every connection: what happened while this screen did not listen belongs in the list, but is not shown again. */
  async function loadRecent(): Promise<void> {
    const asked = await api.recent()
    if (!asked.ok) return
    const known = asked.value.answers
    const own = recent.value.filter((one) => !known.some((other) => sameAnswer(one, other)))
    recent.value = [...known, ...own].sort((a, b) => b.at - a.at).slice(0, keptAnswers)
  }

  function hearFreshness(next: Freshness): void {
    freshness.value = next
    if (next.live) void loadRecent()
  }

  return {
    state,
    freshness,
    view,
    shown,
    recent,
    ownAct,
    staff,
    askingName,
    busy,
    trouble,
    checkIn,
    scan,
    undo,
    go,
    hide,
    hear,
    hearFreshness,
    nameStaff,
    forgetStaff,
    find: api.find,
    now,
  }
}
