// Measures the console before a running demo: what the first pages weigh and when they can be used, how a long queue scrolls, how
// soon an act is answered. Usage: node measure.mjs http://127.0.0.1:8080 110000 10000      (figures belong into deploy/bench/RESULTS.md)
// The number is of orders that it takes in first; they stay in the city.
import { chromium } from 'playwright-core'

const [base = 'http://127.0.0.1:8080', city = '110000', more = '0'] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]

// first opens a page with an empty cache and says what came over the line and when the mark could be used.
async function first(path, mark, prepare) {
  const weights = []
  const times = []
  for (let i = 0; i < 5; i++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
    const page = await context.newPage()
    if (prepare) await prepare(page)
    let bytes = 0
    const line = await context.newCDPSession(page)
    await line.send('Network.enable')
    await line.send('Network.clearBrowserCache')
    line.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength })
    const start = performance.now()
    await page.goto(base + path, { waitUntil: 'commit' })
    await page.locator(mark).first().waitFor()
    await page.evaluate(() => new Promise((done) => requestIdleCallback(done)))
    times.push(performance.now() - start)
    weights.push(bytes)
    await context.close()
  }
  console.log(`${path}: ${(median(weights) / 1024).toFixed(0)} KiB over the line, usable after ${median(times).toFixed(0)} ms (median of 5, empty cache)`)
}

async function login(page, who) {
  await page.goto(`${base}/console/login`)
  await page.fill('input[name=username]', `${who}.${city}`)
  await page.fill('input[name=password]', 'demo-12345-hotline')
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => !u.pathname.endsWith('/login'))
}

// fill takes in orders over the API, eight at a time.
async function fill(n) {
  const post = async (path, token, body) => {
    const answer = await fetch(base + path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) } })
    if (!answer.ok) throw new Error(await answer.text())
    return answer.json()
  }
  const { tokens } = await post('/v1/sessions:login', '', { login: `agent.${city}`, password: 'demo-12345-hotline' })
  let taken = 0
  const seat = async () => {
    while (taken < n) {
      const i = ++taken
      await post(`/v1/tenants/${city}/workOrders:intake`, tokens.accessToken, { requestId: `measure-${Date.now()}-${i}`, disposition: 'IN_SCOPE', facts: {
        kind: 'HELP', category: '0601', urgency: 'NORMAL', channel: 'PHONE', title: `第${i}号路灯不亮`, body: `第${i}号路灯连续三晚不亮，夜间看不清路，请尽快派人检修。`,
        words: '路灯坏了，晚上看不见路。', district: '朝阳区', location: `望京街${i}号`, caller: { name: '李明', phone: '13800000000' } } })
    }
  }
  await Promise.all(Array.from({ length: 8 }, seat))
}

await fill(Number(more))
await first(`/?city=${city}`, '.cards a')
await first(`/file?city=${city}`, 'textarea')
await first('/console/login', 'input[name=password]')
await first('/console/intake', '.intake textarea', (page) => login(page, 'agent'))
await first('/console/orders?queue=dispatch', '.row', (page) => login(page, 'dispatcher'))

// A long queue: all of it is loaded by going to its end, then scrolled from top to bottom at an even speed.
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })).newPage()
await login(page, 'dispatcher')
await page.goto(`${base}/console/orders?queue=all`)
await page.locator('.row').first().waitFor()
let rows = 0
const loading = performance.now()
for (;;) {
  rows = await page.evaluate(() => {
    const box = document.querySelector('.scroller')
    box.scrollTop = box.scrollHeight
    return Math.round(document.querySelector('.scroller .all').clientHeight / 64)
  })
  if (await page.locator('.scroller .end', { hasText: '没有更多了' }).count()) break
  await page.waitForTimeout(20)
}
const loaded = performance.now() - loading
// Processor time of the page's own thread, which other programs on the machine do not lengthen.
const line = await page.context().newCDPSession(page)
await line.send('Performance.enable', { timeDomain: 'threadTicks' })
const spent = async () => (await line.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value * 1000
const before = await spent()
const frames = await page.evaluate(async () => {
  const box = document.querySelector('.scroller')
  const gaps = []
  const end = box.scrollHeight - box.clientHeight
  box.scrollTop = 0
  let before = await new Promise(requestAnimationFrame)
  for (let i = 0; i <= 300; i++) {
    box.scrollTop = (end * i) / 300
    const now = await new Promise(requestAnimationFrame)
    gaps.push(now - before)
    before = now
  }
  return { gaps, nodes: document.querySelectorAll('.scroller .one').length }
})
const work = ((await spent()) - before) / 301
const sorted = frames.gaps.toSorted((a, b) => a - b)
console.log(`queue: ${rows} rows loaded in ${(loaded / 1000).toFixed(1)} s; scrolled end to end in 300 steps: frame p50 ${median(frames.gaps).toFixed(1)} ms, p95 ${sorted[Math.floor(sorted.length * 0.95)].toFixed(1)} ms, worst ${sorted.at(-1).toFixed(1)} ms; ${work.toFixed(1)} ms of processor a step; ${frames.nodes} rows in the page`)

// J and K: from the key to the next frame with the other row selected, and to the order shown.
await page.evaluate(() => { document.querySelector('.scroller').scrollTop = 0 })
const moved = []
const shown = []
for (let i = 0; i < 20; i++) {
  const before = await page.locator('article.order .number code').textContent({ timeout: 500 }).catch(() => '')
  const start = performance.now()
  await page.keyboard.press('j')
  await page.evaluate(() => new Promise(requestAnimationFrame))
  moved.push(performance.now() - start)
  await page.waitForFunction((old) => (document.querySelector('article.order .number code')?.textContent ?? '') !== old, before)
  shown.push(performance.now() - start)
}
console.log(`J: row selected after ${median(moved).toFixed(0)} ms, order shown after ${median(shown).toFixed(0)} ms (median of 20)`)
await browser.close()
