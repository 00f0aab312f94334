/** What the kiosk and the dashboard share: words, times, meanings, shapes, connections. Style sheets are imported by path. */

export { checkLabel } from './checks.ts'
export { countdown, createFormat, type Format, span } from './format.ts'
export { chooseLang, defineWords, type Lang, lang, startLang, switchLang, type Words } from './i18n.ts'
export { LangSwitch } from './lang-switch.tsx'
export { afterTimeout, eventStream, type Freshness, keepLive, type OpenStream, socketStream } from './live.ts'
export type { Meaning } from './meaning.ts'
export { reasonLabel } from './reasons.ts'
export { type Asked, ask, mapAsked } from './request.ts'
export { type Found, useSearch, walkList } from './search.ts'
export { Shape } from './shapes.tsx'
