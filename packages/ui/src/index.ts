/** What the kiosk and the dashboard share: words, times, meanings, shapes, connections. Style sheets are imported by path. */
export { type Format, countdown, createFormat, span } from './format.ts'
export { chooseLang, defineWords, type Lang, lang, startLang, switchLang, type Words } from './i18n.ts'
export { LangSwitch } from './lang-switch.tsx'
export { afterTimeout, eventStream, type Freshness, keepLive, type OpenStream, socketStream } from './live.ts'
export { type Answered, type Meaning, meaningOf } from './meaning.ts'
export { reasonLabel } from './reasons.ts'
export { type Asked, ask } from './request.ts'
export { Shape } from './shapes.tsx'
