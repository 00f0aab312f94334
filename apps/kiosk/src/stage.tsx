/**
 * What is seen from a metre away in half a second: the answer as shape, word and colour, or, between people, that the gate is ready
 * and where to hold the ticket.
 */
import { type Format, lang, Shape } from '@gatehouse/ui'
import { answerWords, ticketLine } from './answer-words.ts'
import type { Answer, GateState } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

function ReadyPicture() {
  return (
    <svg class="ready-picture" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
      <path d="M12 38 V24 a12 12 0 0 1 12-12 H38 M82 12 H96 a12 12 0 0 1 12 12 V38 M108 82 V96 a12 12 0 0 1-12 12 H82 M38 108 H24 a12 12 0 0 1-12-12 V82" />
      <path
        class="blocks"
        d="M34 34 h20 v20 h-20 z M66 34 h20 v20 h-20 z M34 66 h20 v20 h-20 z M68 68 h7 v7 h-7 z M79 79 h7 v7 h-7 z"
      />
    </svg>
  )
}

function Ready({ state }: { readonly state: GateState | undefined }) {
  const t = words()
  if (!state) return <p class="word calm-word">{t.starting}</p>
  if (state.roster.rows === 0) {
    return (
      <div class="ask">
        <Shape of="ask" size="var(--shape)" />
        <p class="detail">{t.noRoster}</p>
      </div>
    )
  }
  return (
    <div class="ready">
      <ReadyPicture />
      <p class="word calm-word">{t.ready}</p>
      <p class="detail">{t.readyFor}</p>
    </div>
  )
}

/** Hangul is twice as wide as Latin letters; the type shrinks in two steps so that a sentence still fits a 7" screen. */
function lengthOf(word: string): string {
  const width = Array.from(word).reduce((sum, char) => sum + (char > '\u1100' ? 1.8 : 1), 0)
  return width <= 14 ? '' : width <= 30 ? 'long' : 'longer'
}

function Shown({ answer, state }: { readonly answer: Answer; readonly state: GateState | undefined }) {
  const { meaning, word, detail } = answerWords(answer, lang.value, state?.event.timeZone)
  const person = answer.participant
  return (
    <div class="answer">
      <Shape of={meaning} size="var(--shape)" />
      <p class={`word ${lengthOf(word)}`}>{word}</p>
      {detail && <p class="detail">{detail}</p>}
      {person && (
        <p class="who">
          {person.name && <strong>{person.name}</strong>}
          <span>{ticketLine(person, state)}</span>
        </p>
      )}
    </div>
  )
}

export function Stage({ kiosk }: { readonly kiosk: Kiosk; readonly format: Format }) {
  const answer = kiosk.shown.value
  const state = kiosk.state.value
  return (
    <section class="stage" aria-live="assertive" aria-atomic="true">
      {answer ? <Shown answer={answer} state={state} /> : <Ready state={state} />}
    </section>
  )
}
