/**
 * A Chromium of the machine's own, driven by playwright-core. Where there is none the browser tests skip and say so: a page nobody
 * looked at is not a page that passed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
export const hasChromium = existsSync(chromiumPath)
if (!hasChromium) process.stderr.write(`skipped: no Chromium at ${chromiumPath} (apt-get install chromium)\n`)

const root = join(import.meta.dirname, '../..')

/** Builds a page's dist folder; the tests look at what is delivered and not at sources. */
export function buildPage(name: 'kiosk' | 'dashboard'): void {
  const built = spawnSync(process.execPath, [join(root, 'scripts/build-pages.mjs'), name], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the ${name} page does not build:\n${built.stderr}`)
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
}

const screens = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 800 } },
  touch7: { viewport: { width: 800, height: 480 }, hasTouch: true },
  wall: { viewport: { width: 1920, height: 1080 } },
} as const satisfies Record<string, BrowserContextOptions>

export interface Look {
  readonly screen?: keyof typeof screens
  readonly lang?: 'en' | 'ko'
  readonly dark?: boolean
  /** Freezes the page's clock at this instant, so that pictures are the same each time. */
  readonly at?: number
}

/** A page of its own context; whatever the page complains about on its console is collected, and refused by `expectClean`. */
export async function openPage(
  browser: Browser,
  url: string,
  look: Look = {},
): Promise<Page & { complaints: string[] }> {
  const { screen = 'desktop', lang = 'en', dark = false, at } = look
  const context = await browser.newContext({
    ...screens[screen],
    locale: lang === 'ko' ? 'ko-KR' : 'en-GB',
    timezoneId: 'Asia/Seoul',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  const page = Object.assign(await context.newPage(), { complaints: [] as string[] })
  page.on('pageerror', (error) => page.complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      page.complaints.push(message.text())
  })
  if (at !== undefined) await page.clock.setFixedTime(at)
  await page.goto(url)
  return page
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

/** What WCAG 2.2 A and AA checks find wrong with the page as it stands, one line each; empty when nothing. */
export async function axeViolations(page: Page): Promise<string[]> {
  // evaluate and not a script element: the page's own policy forbids foreign scripts.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(where: Document, options: object): Promise<AxeResult> }
    }
    return checker.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary ?? ''}`)
}

/** Elements wider than the screen: the sign of a page that scrolls sideways. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
