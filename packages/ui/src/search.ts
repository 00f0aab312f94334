/**
 * Finding somebody while the letters are still being typed. Each change asks again and calls off the question before it, so that an
 * early slow answer never replaces a later one.
 */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Asked } from './request.ts'

/** Fewer find half the list; the servers do not look either. */
const minLetters = 2
const pauseMs = 120

export type Found<Item> = { readonly words: string; readonly items: readonly Item[] } | 'failed' | undefined

export function useSearch<Item>(find: (words: string, signal: AbortSignal) => Promise<Asked<readonly Item[]>>): {
  readonly text: Signal<string>
  readonly found: Signal<Found<Item>>
} {
  const text = useSignal('')
  const found = useSignal<Found<Item>>(undefined)
  useEffect(() => {
    const words = text.value.trim()
    const stop = new AbortController()
    if (Array.from(words).length < minLetters) {
      found.value = undefined
      return () => {}
    }
    const look = async () => {
      const asked = await find(words, stop.signal)
      if (stop.signal.aborted) return
      found.value = asked.ok ? { words, items: asked.value } : 'failed'
    }
    const timer = setTimeout(() => void look(), pauseMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text.value])
  return { text, found }
}

/** Arrow keys walk through the field and its results as one list; for `onKeyDown` of what holds both. */
export function walkList(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const places = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('input, .results button')]
  const next = places[places.indexOf(document.activeElement as HTMLElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
