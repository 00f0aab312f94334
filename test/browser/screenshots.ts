/**
 * Takes the pictures in docs/screenshots from the built pages and the stand-in servers: `node test/browser/screenshots.ts`. To be run
 * and looked at after every visible change; no test compares pixels, a person compares pictures.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { buildPage, type Look, launch, openPage } from './browser.ts'
import { opensAt, people } from './fixture-people.ts'
import { goodKey, nowAt, startMockCloud } from './mock-cloud.ts'
import { startMockGate } from './mock-gate.ts'

const folder = join(import.meta.dirname, '../../docs/screenshots')
mkdirSync(folder, { recursive: true })
buildPage('kiosk')
buildPage('dashboard')
const browser = await launch()

async function keep(page: Page, name: string, fullPage = false): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage })
}

async function kioskPictures(tag: string, look: Look): Promise<void> {
  const gate = await startMockGate()
  const page = await openPage(browser, gate.origin, { ...look, at: nowAt })
  await page.waitForSelector('.ready')
  const admit = (direction: string, more: object = {}) => ({ decision: { outcome: 'admit', direction, ...more } })
  const deny = (reason: string, explanation: object) => ({
    decision: { outcome: 'deny', direction: 'entry', reason, explanation },
  })
  const show = async (meaning: string, answer: object) => {
    gate.answer({ at: nowAt, ...answer })
    await page.waitForSelector(`[data-answer=${meaning}]`)
  }
  await show('exit', { participant: people[5], direction: 'exit', ...admit('exit') })
  await show('deny', deny('not-yet-valid', { needs: 'later', with: { from: opensAt + 86_400_000 } }))
  await show('look', { participant: people[1], ...admit('entry', { attention: 'Needs a headset (desk 4)' }) })
  await keep(page, `kiosk-look-${tag}`)
  await show('admit', { participant: people[4], via: 'ble', ...admit('entry') })
  await keep(page, `kiosk-admit-${tag}`)
  const again = { needs: 'exit-first', with: { lastAt: opensAt - 120_000, gate: 'West' } }
  await show('deny', { participant: people[0], ...deny('already-inside', again) })
  await keep(page, `kiosk-deny-${tag}`)
  await show('ask', { decision: { outcome: 'ask', direction: 'entry', reason: 'signed-unknown' } })
  await keep(page, `kiosk-ask-${tag}`)
  gate.state({ link: { state: 'away', sinceAt: opensAt + 300_000 }, unsent: 214, oldestUnsentAt: opensAt + 300_000 })
  await page.locator('.actions button').nth(0).click()
  await page.locator('#find-text').fill('ki')
  await page.waitForSelector('.result')
  await keep(page, `kiosk-find-${tag}`)
  await page.locator('#find-text').fill('ㄱㅅㅇ')
  await page.waitForFunction(() => document.querySelectorAll('.result').length === 2)
  await page.locator('.result').first().click()
  await page.waitForSelector('.person')
  await keep(page, `kiosk-person-${tag}`)
  await page.keyboard.press('Escape')
  await page.waitForSelector('.ready')
  await keep(page, `kiosk-ready-${tag}`)
  await page.context().close()
  await gate.close()
}

async function cloudPictures(tag: string, look: Look): Promise<void> {
  const cloud = await startMockCloud()
  const page = await openPage(browser, cloud.origin, { ...look, at: nowAt })
  await page.locator('#key').fill(goodKey)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.chart canvas')
  await page.waitForSelector('.doubles tbody')
  await keep(page, `live-${tag}`, true)
  cloud.cut(true)
  await page.waitForSelector('.banner')
  await keep(page, `live-cloud-lost-${tag}`, true)
  cloud.cut(false)
  await page.goto(`${cloud.origin}/desk`)
  await page.locator('#desk-text').fill('kim')
  await page.locator('.result').first().click()
  const decision = { outcome: 'deny', direction: 'entry', reason: 'already-inside' }
  const explanation = { needs: 'exit-first', with: { lastAt: opensAt - 120_000, gate: 'West' } }
  const person = { maxEntries: null, attention: null, ...people[0] }
  cloud.desk.next = { status: 200, body: { decision: { ...decision, explanation }, person, record: null } }
  await page.locator('.choices .primary').click()
  await page.waitForSelector('.desk-person [role=status] .verdict')
  await keep(page, `desk-${tag}`, true)
  if (look.screen === 'desktop') {
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.goto(`${cloud.origin}/wall`)
    await page.waitForSelector('.chart canvas')
    await keep(page, `wall-${tag}`)
  }
  await page.context().close()
  await cloud.close()
}

await kioskPictures('en', { screen: 'touch7', lang: 'en' })
await kioskPictures('ko-dark', { screen: 'touch7', lang: 'ko', dark: true })
await kioskPictures('phone-ko', { screen: 'phone', lang: 'ko' })
await cloudPictures('en', { screen: 'desktop', lang: 'en' })
await cloudPictures('ko-dark', { screen: 'desktop', lang: 'ko', dark: true })
await cloudPictures('phone-ko', { screen: 'phone', lang: 'ko' })
await cloudPictures('phone-en-dark', { screen: 'phone', lang: 'en', dark: true })
await browser.close()
