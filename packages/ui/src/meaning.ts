/**
 * The six things an answer can mean to somebody at a gate, by the names that style sheets, shapes and sounds go by. Which of them a
 * decision is, the domain says (`answerOf`).
 */
export type Meaning = 'admit' | 'look' | 'already' | 'ask' | 'deny' | 'exit'
