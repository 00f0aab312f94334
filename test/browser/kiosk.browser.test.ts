/** The staff screen as staff meet it: in a real browser, built as delivered, under the policy that the gate sends. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { axeViolations, buildPage, hasChromium, type Look, launch, openPage, sidewaysOverflow } from './browser.ts'
import { opensAt, people } from './fixture-people.ts'
import { type MockGate, startMockGate } from './mock-gate.ts'

const admitted = { outcome: 'admit', direction: 'entry' }
const inside = {
  outcome: 'deny',
  direction: 'entry',
  reason: 'already-inside',
  explanation: { needs: 'exit-first', with: { lastAt: opensAt, gate: 'West' } },
}

describe.skipIf(!hasChromium)('the staff screen', () => {
  let browser: Browser
  let gate: MockGate

  beforeAll(async () => {
    buildPage('kiosk')
    browser = await launch()
  })
  afterAll(async () => await browser?.close())
  beforeEach(async () => {
    gate = await startMockGate()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await gate.close()
  })

  async function open(look: Look = {}) {
    const page = await openPage(browser, gate.origin, { screen: 'touch7', ...look })
    await page.waitForSelector('.ready')
    return page
  }

  test('an answer fills the screen, stays 2.5 s, and remains in the list', async () => {
    const page = await openPage(browser, 'about:blank', { screen: 'touch7' })
    await page.clock.install()
    await page.goto(gate.origin)
    await page.waitForSelector('.ready')
    // From here on only `runFor` moves the page's time, however slow the machine is.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000)
    gate.answer({ participant: people[1], decision: admitted })
    await page.waitForSelector('[data-answer=admit]')
    expect(await page.textContent('.word')).toBe('Welcome')
    expect(await page.textContent('.who')).toContain('VIP · Hall A · Hall B')
    await page.clock.runFor(2_400)
    expect(await page.locator('[data-answer=admit]').count()).toBe(1)
    await page.clock.runFor(200)
    await page.waitForSelector('.ready')
    expect(await page.textContent('.recent')).toContain('김소영')
  })

  test('the next answer replaces the one before, and the last five stay below', async () => {
    const page = await open()
    for (const person of people) gate.answer({ participant: person, decision: admitted })
    gate.answer({ decision: { ...admitted, outcome: 'deny', reason: 'other-event' } })
    await page.waitForSelector('[data-answer=deny]')
    await page.waitForFunction(() => document.querySelectorAll('.recent li').length === 5)
    expect(await page.textContent('.recent li:first-child')).toContain('ticket of another event')
  })

  test.each(['en', 'ko'] as const)('a refusal says what is so and what to do next (%s)', async (lang) => {
    const page = await open({ lang })
    gate.answer({ participant: people[0], decision: inside })
    await page.waitForSelector('[data-answer=deny]')
    const text = `${await page.textContent('.word')} ${await page.textContent('.stage .detail')}`
    expect(text).toContain('09:00')
    expect(text).toContain('West')
    expect(text).toContain(lang === 'en' ? 'Please ask our staff.' : '직원에게 말씀해 주세요.')
  })

  test.each(['en', 'ko'] as const)(
    'somebody is found by a few letters and admitted by name of staff (%s)',
    async (lang) => {
      const page = await open({ lang })
      await page.locator('.actions button').nth(0).click()
      await page.locator('#find-text:focus').waitFor()
      await page.keyboard.type(lang === 'en' ? 'sora' : 'ㄱㅅㅇ')
      await page.locator('.result').first().click()
      expect(await page.textContent('.person h2')).toBe(lang === 'en' ? 'Kim Sora' : '김소영')
      await page.locator('.person .choices .primary').click()
      await page.locator('#staff-name:focus').waitFor()
      await page.keyboard.type('Minji')
      await page.keyboard.press('Enter')
      await page.waitForSelector('[data-answer]')
      expect(gate.asked.at(-1)).toContain('"staff":"Minji"')
      // Cancelled: refused, and the way past it leads through a reason.
      if (lang === 'ko') return
      await page.waitForSelector('.person .verdict.deny')
      await page.locator('.choices button').nth(2).click()
      await page.locator('#override-note:focus').waitFor()
      await page.keyboard.press('Enter')
      expect(await page.textContent('#override-problem')).toBe('Say why in a few words.')
      await page.keyboard.type('paid at the desk')
      await page.keyboard.press('Enter')
      await page.waitForSelector('[data-answer=admit]')
      expect(gate.asked.at(-1)).toContain('"override":{"note":"paid at the desk"}')
      expect(gate.asked.filter((one) => one.includes('check-in'))).toHaveLength(2)
    },
  )

  test('the whole way works by keyboard alone', async () => {
    const page = await open()
    await page.locator('.actions button').nth(0).focus()
    await page.keyboard.press('Enter')
    await page.locator('#find-text:focus').waitFor()
    await page.keyboard.type('kim')
    await page.waitForSelector('.result')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Kim Sora')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.person')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.ready')
  })

  test('the last own act can be taken back for 30 seconds and no longer', async () => {
    const page = await openPage(browser, 'about:blank', { screen: 'touch7' })
    await page.clock.install()
    await page.goto(gate.origin)
    await page.waitForSelector('.ready')
    const undo = page.locator('.actions button').nth(2)
    const admitByText = async () => {
      await page.locator('.actions button').nth(1).click()
      await page.locator('#scan-text').fill('GT1:ABC')
      await page.locator('.scan .primary').click()
      await page.waitForSelector('[data-answer=admit]')
    }
    expect(await undo.isDisabled()).toBe(true)
    await admitByText()
    await page.clock.runFor(2_600)
    expect(await undo.textContent()).toMatch(/Undo\s*0:2\d/)
    await undo.click()
    await page.locator('#staff-name:focus').waitFor()
    await page.keyboard.type('Minji')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.recent .undone')
    expect(gate.asked.at(-1)).toMatch(/undo .*"staff":"Minji"/)
    await admitByText()
    await page.clock.runFor(31_000)
    expect(await undo.isDisabled()).toBe(true)
  })

  test('a hand scanner is heard while somebody types a name, and the name stays', async () => {
    const page = await open()
    await page.locator('.actions button').nth(0).click()
    await page.locator('#find-text:focus').waitFor()
    await page.keyboard.type('남궁')
    await page.evaluate((ticket) => {
      const field = document.activeElement as HTMLInputElement
      for (const key of [...Array.from(ticket), 'Enter']) {
        const stroke = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
        if (field.dispatchEvent(stroke) && key !== 'Enter') {
          field.value += key
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }
      }
    }, 'GT1:0123456789ABCDEF')
    await page.waitForSelector('[data-answer=admit]')
    expect(gate.asked.filter((one) => one.startsWith('POST /api/v1/scan'))).toEqual([
      'POST /api/v1/scan GT1:0123456789ABCDEF',
    ])
  })

  test('working without the cloud is one calm word; a broken part calls for somebody', async () => {
    const page = await open()
    gate.state({ link: { state: 'away', sinceAt: opensAt }, unsent: 214 })
    await page.waitForSelector('.link.own')
    expect(await page.textContent('.link')).toBe('away · working on its own · 214 to send')
    gate.state({ checks: [{ name: 'door', ok: false, detail: 'the door does not answer' }] })
    await page.waitForSelector('.link.alarm')
    expect(await page.textContent('.link')).toBe('needs somebody: Door')
  })

  test('a screen that lost its gate says since when, and comes back by itself', async () => {
    const page = await open()
    gate.cut(true)
    await page.waitForSelector('.link.alarm')
    expect(await page.textContent('.link')).toMatch(/this screen lost its gate · as of \d\d:\d\d/)
    gate.cut(false)
    await page.waitForSelector('.link.well')
  })

  test('with an empty list the screen asks staff instead of saying ready', async () => {
    const page = await open()
    gate.state({ roster: { cursor: 0, rows: 0 } })
    await page.waitForSelector('.stage .ask')
    expect(await page.textContent('.stage')).toContain('No list yet')
  })

  const looks: Look[] = [
    { screen: 'touch7', lang: 'en' },
    { screen: 'touch7', lang: 'ko', dark: true },
    { screen: 'phone', lang: 'ko' },
    { screen: 'desktop', lang: 'en', dark: true },
  ]
  test.each(looks)('every view is accessible and fits ($screen $lang dark:$dark)', async (look) => {
    const page = await open(look)
    const found: string[] = []
    const check = async (view: string) => {
      for (const violation of await axeViolations(page)) found.push(`${view}: ${violation}`)
      if ((await sidewaysOverflow(page)) > 0) found.push(`${view}: wider than the screen`)
      const cut = await page.evaluate(() => {
        const stage = document.querySelector('.stage')
        return stage ? stage.scrollHeight - stage.clientHeight : 0
      })
      if (cut > 0) found.push(`${view}: the answer is cut by ${cut} px`)
      const actions = await page.locator('.actions').boundingBox()
      const height = page.viewportSize()?.height ?? 0
      if (!actions || actions.y + actions.height > height + 1) found.push(`${view}: the actions are off the screen`)
    }
    await check('ready')
    gate.answer({ participant: people[4], decision: inside })
    await page.waitForSelector('[data-answer=deny]')
    await check('deny')
    gate.answer({ participant: people[4], decision: admitted })
    await page.waitForSelector('[data-answer=admit]')
    await check('admit with a long name')
    gate.answer({ participant: people[1], decision: { ...admitted, attention: people[1]?.name } })
    await page.waitForSelector('[data-answer=look]')
    await check('look')
    await page.locator('.actions button').nth(0).click()
    await page.locator('#find-text').fill('kim')
    await page.locator('.result').first().click()
    await page.locator('.choices button').nth(2).click()
    await check('person')
    await page.locator('.person .choices .primary').click()
    await page.waitForSelector('dialog[open]')
    await check('staff')
    await page.keyboard.press('Escape')
    await page.locator('.actions button').nth(1).click()
    await check('scan')
    await page.locator('.actions button').nth(3).click()
    await check('gate')
    expect(found).toEqual([])
    expect(page.complaints).toEqual([])
  })

  test('everything to press is at least 56 px high', async () => {
    const page = await open()
    const tooSmall = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('button:not(dialog button), input:not([hidden], dialog input)')]
          .filter((element) => element.getBoundingClientRect().height < 56)
          .map((element) => element.outerHTML.slice(0, 120)),
      )
    expect(await tooSmall()).toEqual([])
    await page.locator('.actions button').nth(0).click()
    await page.locator('#find-text').fill('kim')
    await page.locator('.result').first().waitFor()
    expect(await tooSmall()).toEqual([])
    await page.locator('.result').first().click()
    expect(await tooSmall()).toEqual([])
  })
})
