/**
 * Where the staff screen is joined: the gate's live stream, the keyboard (for hand scanners that type), sound, storage, and the
 * drawing. Everything else is in the files named by what they show.
 */
import { afterTimeout, eventStream, keepLive, startLang } from '@gatehouse/ui'
import { render } from 'preact'
import { App } from './app.tsx'
import { gateApi, liveNames, livePath } from './gate-api.ts'
import { createKiosk } from './kiosk.ts'
import { createSound } from './sound.ts'
import { charOf, hearStroke, quietWedge } from './wedge.ts'

startLang(window)

const sound = createSound(() => new AudioContext())
const kiosk = createKiosk({
  api: gateApi,
  now: () => Date.now(),
  after: afterTimeout,
  play: sound.play,
  storage: sessionStorage,
})

function fieldOf(target: EventTarget | null): HTMLInputElement | HTMLTextAreaElement | undefined {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : undefined
}

/** Takes the scanner's first characters out of the field again: they were typed before it was known for a scanner. */
function takeBack(field: HTMLInputElement | HTMLTextAreaElement, count: number): void {
  field.value = field.value.slice(0, Math.max(0, field.value.length - count))
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

let wedge = quietWedge
window.addEventListener(
  'keydown',
  (event) => {
    const field = fieldOf(event.target)
    const heard = hearStroke(wedge, { char: charOf(event), at: event.timeStamp, inField: field !== undefined })
    wedge = heard.wedge
    if (heard.swallow) event.preventDefault()
    if (heard.swallow) event.stopPropagation()
    if (heard.takeBack && field) takeBack(field, heard.takeBack)
    if (heard.ticket) void kiosk.scan(heard.ticket)
    if (event.key === 'Escape' && !kiosk.askingName.value) kiosk.go({ name: 'gate' })
  },
  { capture: true },
)
for (const touch of ['pointerdown', 'keydown']) window.addEventListener(touch, () => sound.unlock(), { passive: true })

keepLive({
  open: eventStream(livePath, liveNames),
  onMessage: kiosk.hear,
  onFreshness: kiosk.hearFreshness,
  now: () => Date.now(),
  random: Math.random,
  after: afterTimeout,
})

const root = document.getElementById('kiosk')
if (root) render(<App kiosk={kiosk} />, root)
