/** The organizer's pages in a real browser: signing in, reading the morning, losing the cloud, checking somebody in at the desk. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { axeViolations, buildPage, hasChromium, type Look, launch, openPage, sidewaysOverflow } from './browser.ts'
import { people } from './fixture-people.ts'
import { goodKey, type MockCloud, nowAt, startMockCloud } from './mock-cloud.ts'

describe.skipIf(!hasChromium)("the organizer's pages", () => {
  let browser: Browser
  let cloud: MockCloud

  beforeAll(async () => {
    buildPage('dashboard')
    browser = await launch()
  })
  afterAll(async () => await browser?.close())
  beforeEach(async () => {
    cloud = await startMockCloud()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await cloud.close()
  })

  async function signedIn(path = '/', look: Look = {}) {
    const page = await openPage(browser, `${cloud.origin}${path}`, { at: nowAt, ...look })
    await page.locator('#key').fill(goodKey)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.frame')
    return page
  }

  test('without a session a key is asked for, and a wrong one is said to be wrong', async () => {
    const page = await openPage(browser, `${cloud.origin}/?login-failed=1`, { at: nowAt })
    await page.waitForSelector('#key')
    expect(await page.textContent('.door-form')).toContain('used already or is too old')
    expect(page.url()).toBe(`${cloud.origin}/`)
    await page.keyboard.press('Tab')
    await page.locator('#key').fill('wrong')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#key-problem:not(:empty)')
    await page.locator('#key').fill(goodKey)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.tiles')
  })

  test('the numbers, the gates and what needs somebody stand on one page', async () => {
    const page = await signedIn()
    await page.waitForSelector('.chart canvas')
    const tiles = await page.textContent('.tiles')
    expect(tiles).toContain('3,412')
    expect(tiles).toContain('of 5,000 (80%)')
    expect(tiles).toContain('214 not yet counted (West)')
    expect(await page.textContent('.gates')).toContain('away since 09:05 · 214 unsent · does not know 3 changes yet')
    const needs = await page.locator('.needs li').allTextContents()
    expect(needs).toHaveLength(3)
    expect(needs[0]).toContain('North is overloaded (94%): open one more lane. The queue takes about 4 min 10 s.')
    await page.waitForSelector('.doubles tbody tr')
    expect(await page.textContent('.doubles tbody')).toMatch(/Kim Soyeon.*East 08:58:00.*West 09:01:10.*3 min 10 s/)
  })

  test('a change arrives without reloading, and the chart has a table', async () => {
    const page = await signedIn()
    await page.waitForSelector('.chart canvas')
    const { totals } = cloud.overview
    cloud.update({ totals: { ...totals, inside: 3413 }, minutes: [{ at: nowAt - 20_000, entries: 77, exits: 3 }] })
    await page.waitForFunction(() => document.querySelector('.tiles')?.textContent?.includes('3,413'))
    await page.locator('.arrivals .control').click()
    expect(await page.textContent('.arrivals tbody tr:first-child')).toBe('09:31773')
  })

  test('the minute that runs at present has its bar in the picture', async () => {
    const start = Math.floor(nowAt / 60_000) * 60_000
    cloud.overview = { ...cloud.overview, minutes: [{ at: start, entries: 40, exits: 0 }] }
    const page = await signedIn()
    await page.waitForSelector('.chart canvas')
    const painted = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')
        const accent = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()
        const wanted = [1, 3, 5].map((from) => Number.parseInt(accent.slice(from, from + 2), 16))
        const { data = [] } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {}
        let pixels = 0
        for (let at = 0; at < data.length; at += 4) {
          if (wanted.every((part, place) => data[at + place] === part)) pixels += 1
        }
        return pixels
      })
    await expect.poll(painted).toBeGreaterThan(500)
  })

  test.each(['en', 'ko'] as const)('when the cloud is lost every number says from when it is (%s)', async (lang) => {
    const page = await signedIn('/', { lang })
    await page.waitForSelector('.freshness.is-live')
    cloud.cut(true)
    await page.waitForSelector('.banner')
    const old = lang === 'en' ? 'as of 09:31' : '09:31 기준'
    for (const part of ['.freshness', '.arrivals', '.gates', '.needs', '.scans']) {
      expect(await page.textContent(part), part).toContain(old)
    }
    expect(await page.locator('.tile .old').allTextContents()).toEqual([old, old, old, old])
    cloud.cut(false)
    await page.waitForSelector('.freshness.is-live')
    expect(await page.locator('.old').count()).toBe(0)
  })

  test('a hole in the live messages is not called live', async () => {
    const page = await signedIn()
    await page.waitForSelector('.freshness.is-live')
    cloud.update({ seq: 99 })
    await page.waitForSelector('.freshness.is-old')
  })

  test('a session that ended leads back to the door', async () => {
    const page = await signedIn()
    await page.waitForSelector('.freshness.is-live')
    cloud.closeWith(4401)
    await page.waitForSelector('#key')
  })

  test('an event before its first arrival shows the next step instead of empty boxes', async () => {
    const { overview } = cloud
    const zero = {
      arrived: 0,
      inside: 0,
      entries: 0,
      exits: 0,
      denied: 0,
      asked: 0,
      doubleEntries: 0,
      perMinute: 0,
      rate: 0,
    }
    const event = { ...overview.event, startsAt: nowAt + 600_000 }
    cloud.overview = { ...overview, event, minutes: [], gates: [], totals: { ...overview.totals, ...zero } }
    cloud.scans = []
    const page = await signedIn()
    await page.waitForSelector('.tiles')
    const text = await page.textContent('main')
    expect(text).toContain('Nobody has come in yet. Doors open at 09:41.')
    expect(text).toContain('No gate yet.')
    expect(text).toContain('Nothing. Whatever needs a person')
    expect(text).toContain('No scans yet.')
    expect(await axeViolations(page)).toEqual([])
  })

  describe('the desk', () => {
    async function personAtDesk(lang: 'en' | 'ko' = 'en') {
      const page = await signedIn('/desk', { lang })
      await page.locator('#desk-text').fill(lang === 'en' ? 'kim' : 'ㄱㅅㅇ')
      await page.locator('.result').first().click()
      await page.waitForSelector('.desk-person h2')
      return page
    }
    /** The idempotency key of every check-in so far. */
    const presses = () => cloud.asked.filter((one) => one.includes('desk/check-in')).map((one) => one.split(' ')[2])
    const verdict = '.desk-person [role=status] .verdict'

    test.each(['en', 'ko'] as const)('somebody is found and checked in at the chosen gate (%s)', async (lang) => {
      const page = await personAtDesk(lang)
      await page.locator('#desk-gate').selectOption({ label: 'North' })
      await page.locator('.choices .primary').click()
      await page.waitForSelector(verdict)
      const said = lang === 'en' ? 'Kim Soyeon is checked in at North.' : '김소영 님을 North에서 입장 처리했습니다.'
      expect(await page.textContent(verdict)).toContain(said)
    })

    test.each([
      [400, 'The server could not use this: gate is closed'],
      [403, 'This key may not check people in.'],
      [404, 'This person or gate does not exist any more.'],
      [409, 'Already checked in at this gate within the last minutes.'],
    ])('the answer %i is said in words', async (status, said) => {
      const page = await personAtDesk()
      cloud.desk.next = { status, body: { code: 'GH-API-1', detail: 'gate is closed' } }
      await page.locator('.choices .primary').click()
      await page.waitForSelector(verdict)
      expect(await page.textContent(verdict)).toContain(said)
    })

    test('a denial is an answer, and the way past it keeps a reason', async () => {
      const page = await personAtDesk()
      const decision = {
        outcome: 'deny',
        direction: 'entry',
        reason: 'cancelled',
        explanation: { needs: 'active-registration' },
      }
      cloud.desk.next = {
        status: 200,
        body: { decision, person: { ...people[0], maxEntries: null, attention: null }, record: null },
      }
      await page.locator('.choices .primary').click()
      await page.waitForSelector(verdict)
      expect(await page.textContent(verdict)).toBe(
        'Not checked in. This registration was cancelled. Please go to the help desk.',
      )
      await page.locator('.choices button').nth(2).click()
      await page.locator('#override-note:focus').waitFor()
      await page.keyboard.type('paid at the door')
      await page.keyboard.press('Enter')
      await page.waitForSelector(`${verdict}.admit`)
      expect(cloud.asked.at(-1)).toContain('"override":{"note":"paid at the door"}')
    })

    test('an answer lost on the way is asked for again as the same press', async () => {
      const page = await personAtDesk()
      cloud.desk.next = 'drop'
      await page.locator('.choices .primary').click()
      await page.waitForSelector(`${verdict}.ask`)
      expect(await page.textContent(verdict)).toContain('it will not count twice')
      cloud.desk.next = undefined
      await page.locator('.choices .primary').click()
      await page.waitForSelector(`${verdict}.admit`)
      expect(presses().length).toBeGreaterThanOrEqual(2)
      expect(new Set(presses()).size).toBe(1)
      expect(presses()[0]).toMatch(/^[0-9a-f]{32}$/)
      await page.locator('.choices .primary').click()
      await expect.poll(() => new Set(presses()).size).toBe(2)
    })
  })

  const looks: Look[] = [
    { screen: 'desktop', lang: 'en' },
    { screen: 'desktop', lang: 'ko', dark: true },
    { screen: 'phone', lang: 'ko' },
    { screen: 'phone', lang: 'en', dark: true },
  ]
  test.each(looks)('live page and desk are accessible and fit ($screen $lang dark:$dark)', async (look) => {
    const page = await signedIn('/', look)
    await page.waitForSelector('.chart canvas')
    await page.waitForSelector('.doubles tbody')
    expect(await axeViolations(page)).toEqual([])
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0)
    await page.goto(`${cloud.origin}/desk`)
    await page.locator('#desk-text').fill('kim')
    await page.locator('.result').first().click()
    expect(await axeViolations(page)).toEqual([])
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0)
    expect(page.complaints).toEqual([])
  })

  test('the wall view shows everything on one screen and nothing to press', async () => {
    const page = await signedIn('/wall', { screen: 'wall' })
    await page.waitForSelector('.chart canvas')
    expect(await page.locator('button:visible, a:visible').count()).toBe(0)
    const lowest = await page.evaluate(() => {
      const parts = [...document.querySelectorAll('.wall .panel')].filter((part) => part.checkVisibility())
      return Math.max(...parts.map((part) => part.getBoundingClientRect().bottom))
    })
    expect(lowest).toBeLessThanOrEqual(1080)
  })
})
