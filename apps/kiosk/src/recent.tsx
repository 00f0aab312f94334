/** The last five answers, so that "who was that just now" needs no search. */
import { answerOf } from '@gatehouse/domain'
import { type Format, lang, Shape } from '@gatehouse/ui'
import { shortWord, ticketLine, viaWord } from './answer-words.ts'
import type { Answer, GateState } from './gate-api.ts'
import type { Kiosk } from './kiosk.ts'
import { words } from './words.ts'

interface LineProps {
  readonly answer: Answer
  readonly format: Format
  readonly state: GateState | undefined
}

function Line({ answer, format, state }: LineProps) {
  const meaning = answerOf(answer.decision)
  const word = shortWord(answer, lang.value)
  const person = answer.participant
  // Gates know names only where the organizer gives them; the kind of ticket is the next best.
  const name = person && (person.name ?? ticketLine({ ...person, zones: [] }, state))
  const isPlain = meaning === 'admit' || meaning === 'exit'
  return (
    <li class={`${meaning} ${answer.undone ? 'undone' : ''}`}>
      <time>{format.time(answer.at)}</time>
      <Shape of={meaning} size={20} title={word} />
      <span class="via">{viaWord(answer.via, lang.value)}</span>
      <span class="name">{name ?? (isPlain ? '' : word)}</span>
      {name && !isPlain && <span class="why">{word}</span>}
      {answer.undone && <span class="why">{words().undone}</span>}
    </li>
  )
}

export function Recent({ kiosk, format }: { readonly kiosk: Kiosk; readonly format: Format }) {
  const t = words()
  const answers = kiosk.recent.value
  return (
    <section class="recent" aria-label={t.lastScans}>
      {answers.length === 0 ? (
        <p class="soft">{t.noScans}</p>
      ) : (
        <ol>
          {answers.map((answer) => (
            <Line key={`${answer.seq ?? ''}-${answer.at}`} answer={answer} format={format} state={kiosk.state.value} />
          ))}
        </ol>
      )}
    </section>
  )
}
