/**
 * The two languages of the pages. Words are defined in both at once and the compiler refuses a dictionary that lacks one; the
 * chosen language is the browser's until the reader switches, and from then on it is remembered in this browser.
 */
import { effect, signal } from '@preact/signals'

export type Lang = 'en' | 'ko'

type Entry = string | ((...values: never[]) => string)
export type Words<English extends Record<string, Entry>> = {
  readonly [Key in keyof English]: English[Key] extends (...values: infer Values) => string
    ? (...values: Values) => string
    : string
}

const storageKey = 'gatehouse.lang'

/** The language of this page; components that read it are drawn again when it changes. */
export const lang = signal<Lang>('en')

/** Gives a function that answers with the dictionary of the present language. */
export function defineWords<English extends Record<string, Entry>>(
  en: English,
  ko: Words<English>,
): (of?: Lang) => Words<English> {
  return (of = lang.value) => (of === 'ko' ? ko : (en as unknown as Words<English>))
}

/** The remembered choice when there is one, else the first language of the reader that we speak, else English. */
export function chooseLang(remembered: string | null, preferred: readonly string[]): Lang {
  if (remembered === 'en' || remembered === 'ko') return remembered
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0]
    if (base === 'en' || base === 'ko') return base
  }
  return 'en'
}

interface Browser {
  readonly navigator: Pick<Navigator, 'languages'>
  readonly localStorage: Pick<Storage, 'getItem' | 'setItem'>
  readonly document: { readonly documentElement: { lang: string } }
}

/** A browser may forbid storage (private windows, policies): then the choice lasts as long as the page. */
function remembered(read: () => string | null): string | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** To be called once, before the first drawing. */
export function startLang(browser: Browser): void {
  lang.value = chooseLang(
    remembered(() => browser.localStorage.getItem(storageKey)),
    browser.navigator.languages,
  )
  effect(() => {
    browser.document.documentElement.lang = lang.value
  })
}

export function switchLang(to: Lang, storage: Pick<Storage, 'setItem'>): void {
  lang.value = to
  remembered(() => {
    storage.setItem(storageKey, to)
    return to
  })
}
