/**
 * The shapes of the six answers, drawn in the colour of the text around them. Colour is never the only sign: each shape differs in
 * outline as well as in what is inside it, so that they can be told apart in bright sun and by people who see no red or green.
 */
import type { Meaning } from './meaning.ts'

interface ShapeProps {
  readonly of: Meaning
  /** Edge length in CSS pixels, or a CSS length. */
  readonly size?: number | string
  /** Spoken instead of the picture; without it the shape is decoration beside its word. */
  readonly title?: string
}

const stroke = {
  fill: 'none',
  stroke: 'var(--cut, var(--surface))',
  'stroke-width': 10,
  'stroke-linecap': 'round' as const,
  'stroke-linejoin': 'round' as const,
}
const disc = <circle cx="50" cy="50" r="46" fill="currentColor" />

function drawing(of: Meaning) {
  switch (of) {
    case 'admit':
      return [disc, <path d="M29 52 L44 67 L72 36" {...stroke} />]
    case 'look':
      return [
        disc,
        <circle cx="50" cy="28" r="6.5" fill="var(--cut, var(--surface))" />,
        <path d="M50 46 V74" {...stroke} />,
      ]
    case 'already':
      return [disc, <path d="M31 41 H69 M31 60 H69" {...stroke} />]
    case 'ask':
      return [
        <path
          d="M50 8 L95 90 H5 Z"
          fill="currentColor"
          stroke="currentColor"
          stroke-width="6"
          stroke-linejoin="round"
        />,
        <path d="M40 46 a10 10 0 1 1 14 9 c-3 1.6 -4 3.4 -4 7" {...stroke} stroke-width={8} />,
        <circle cx="50" cy="77" r="5" fill="var(--cut, var(--surface))" />,
      ]
    case 'deny':
      return [
        <path d="M31 4 H69 L96 31 V69 L69 96 H31 L4 69 V31 Z" fill="currentColor" />,
        <path d="M28 50 H72" {...stroke} stroke-width={14} />,
      ]
    case 'exit':
      return [
        <path d="M56 12 H18 V88 H56" {...stroke} stroke="currentColor" />,
        <path d="M40 50 H90 M70 30 L90 50 L70 70" {...stroke} stroke="currentColor" />,
      ]
  }
}

export function Shape({ of, size = 20, title }: ShapeProps) {
  return (
    <svg
      class="shape"
      viewBox="0 0 100 100"
      width={size}
      height={size}
      role={title ? 'img' : undefined}
      aria-label={title}
      aria-hidden={title ? undefined : 'true'}
      focusable="false"
    >
      {drawing(of)}
    </svg>
  )
}
