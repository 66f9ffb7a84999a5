// Somebody with a browser of their own. Whatever their console complains of, and whatever the content policy stopped, fails the test.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core'
import { afterAll, expect, inject } from 'vitest'

export const password = 'demo-12345-hotline'
export const city = '330100' // a city whose samples the demo has, and where nothing else happens
export const base = inject('base')

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Promise<Browser> | undefined
const launch = () => (browser ??= chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
}))
const everybody: Person[] = []
afterAll(async () => {
  await (await browser)?.close()
  const complaints = everybody.flatMap((p) => p.complaints)
  expect(complaints).toEqual([])
})

export class Person {
  complaints: string[] = []
  // What the browser says of an answer that is a refusal; a test that expects one says so.
  expected: RegExp[] = []
  // Calls that are on their way. The event stream is always one.
  private calls = new Set<Request>()

  constructor(readonly name: string, readonly context: BrowserContext, readonly page: Page) {}

  static async come(name: string, size = { width: 1440, height: 900 }, scale = 1): Promise<Person> {
    const context = await (await launch()).newContext({ viewport: size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', deviceScaleFactor: scale, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const person = new Person(name, context, page)
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)))
    page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') person.complain(m.text()) })
    page.on('pageerror', (e) => person.complain(String(e.stack)))
    page.on('request', (r) => { if (!r.url().startsWith(base) && !/^(blob|data):/.test(r.url())) person.complain(`calls ${r.url()}`) })
    page.on('request', (r) => { if (!r.url().includes('/events')) person.calls.add(r) })
    page.on('requestfinished', (r) => { person.calls.delete(r) })
    page.on('requestfailed', (r) => { person.calls.delete(r) })
    page.setDefaultTimeout(30_000)
    everybody.push(person)
    return person
  }

  static async login(login: string, size?: { width: number; height: number }): Promise<Person> {
    const person = await Person.come(login, size)
    await person.page.goto(`${base}/console/login`)
    await person.enter(login, password)
    await person.page.waitForURL((u) => !u.pathname.endsWith('/login'))
    return person
  }

  private complain(text: string) {
    if (!this.expected.some((e) => e.test(text))) this.complaints.push(`${this.name}: ${text}`)
  }

  async enter(login: string, secret: string) {
    await this.page.fill('input[name=username]', login)
    await this.page.fill('input[name=password]', secret)
    await this.page.keyboard.press('Enter')
  }

  // order opens an order as a link that a colleague sent would.
  async order(number: string, queue = '') {
    await this.page.goto(`${base}/console/orders/${number}${queue && `?queue=${queue}`}`)
    await this.page.locator('article.order h2').waitFor()
  }

  // choose presses the button of an act and gives its form.
  async choose(title: string) {
    await this.page.getByRole('region', { name: '办理操作' }).getByRole('button', { name: title, exact: false }).first().click()
    return this.page.getByRole('form', { name: title })
  }

  async said(text: string) {
    await this.page.getByText(text, { exact: false }).first().waitFor()
  }

  // settled waits until nothing has been on its way for a while.
  async settled() {
    for (let quiet = 0, tries = 0; quiet < 5; tries++) {
      if (tries > 300) throw new Error(`${this.page.url()} does not come to rest: ${[...this.calls].map((r) => r.url())}`)
      await this.page.waitForTimeout(100)
      quiet = this.calls.size ? 0 : quiet + 1
    }
  }

  // fits says that nothing hangs over the edge of the screen.
  async fits() {
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(over, `${this.page.url()} hangs over the edge`).toBeLessThanOrEqual(0)
  }

  // clean runs axe over the page as it stands.
  async clean() {
    // What is just fading in or out has no contrast yet.
    await this.page.waitForFunction(() => !document.querySelector('.el-message'))
    await this.page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().endTime === Infinity))
    await this.page.evaluate(axe)
    const found = await this.page.evaluate(async () => {
      const run = (window as unknown as { axe: { run: (o: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run
      const out = await run({ resultTypes: ['violations'] })
      return out.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary}`).join(' | ')}`)
    })
    expect(found, `axe on ${this.page.url()}`).toEqual([])
  }

  async shot(name: string) {
    if (process.env.HOTLINE_SHOTS) await this.page.screenshot({ path: `${process.env.HOTLINE_SHOTS}/${name}.png` })
  }
}

// file takes a request in through the page and gives its number.
export async function file(agent: Person, words: string, phone = '13800000031') {
  const { page } = agent
  await page.goto(`${base}/console/intake`)
  await page.getByRole('textbox', { name: '电话' }).fill(phone)
  await page.getByLabel('诉求原文').fill(words)
  await page.locator('.choices label', { hasText: '求助' }).click()
  await page.getByRole('combobox', { name: '分类' }).fill('1203')
  await page.getByRole('option', { name: /1203/ }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+Enter')
  return (await page.locator('.taken a code').textContent()) ?? ''
}
