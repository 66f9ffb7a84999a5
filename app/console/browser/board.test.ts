// The board: what a supervisor sees in the morning, the way from a number to its orders, and what leaves the house.
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { Download } from 'playwright-core'
import { expect, it } from 'vitest'
import { base, city, file, Person } from './people'

// parts unpacks a workbook, which is a zip of XML, by its directory at the end.
function parts(zip: Buffer): Map<string, string> {
  const out = new Map<string, string>()
  let at = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [packed, name, extra, note, start] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)]
    const body = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28)
    const raw = zip.subarray(body, body + packed)
    out.set(zip.toString('utf8', at + 46, at + 46 + name), (zip.readUInt16LE(at + 10) ? inflateRawSync(raw) : raw).toString('utf8'))
    at += 46 + name + extra + note
  }
  return out
}

async function downloaded(download: Download): Promise<Buffer> {
  return readFileSync(await download.path())
}

// count is the number that a link of the board shows.
const count = (text: string | null) => Number((text ?? '').replace(/\D/g, ''))

// listed opens the list behind a number and says how many orders it has, once it is whole.
async function listed(person: Person): Promise<number> {
  await person.page.waitForURL(/\/orders\?.*figure=/)
  await person.said('看板数字')
  await person.settled()
  const end = person.page.locator('.orders .end')
  await end.filter({ hasText: /\d/ }).waitFor()
  return count(await end.textContent())
}

it('督办员 lands on it, and from a cell of the heat map comes to exactly its orders', async () => {
  const agent = await Person.login(`agent.${city}`)
  await file(agent, '小区门口路灯不亮，晚上出门看不清，请派人修理。', '13800000051')
  const supervisor = await Person.login(`supervisor.${city}`)
  const { page } = supervisor
  await page.waitForURL('**/console/board')
  await page.getByRole('heading', { name: '看板' }).waitFor()
  await page.locator('.chart[data-drawn]').nth(1).waitFor()
  await supervisor.settled()
  await supervisor.clean()
  await supervisor.shot('board')
  expect(await page.locator('.figures article').count()).toBe(6)
  expect(count(await page.locator('[data-figure=received] .big').textContent())).toBeGreaterThan(0)

  const heat = page.getByRole('region', { name: '分类 × 区县' }).first()
  await heat.getByRole('button', { name: '表', exact: true }).click()
  const cell = heat.locator('tbody tr').first().locator('td a').first()
  const n = count(await cell.textContent())
  expect(n).toBeGreaterThan(0)
  await supervisor.clean()
  await supervisor.shot('board-table')
  await cell.click()
  expect(await listed(supervisor)).toBe(n)
  await supervisor.shot('board-orders')
  await page.getByRole('button', { name: '看全部' }).click()
  await page.waitForURL((u) => !u.search.includes('figure'))
})

it('leads from the picture too, and every figure to its orders', async () => {
  const supervisor = await Person.login(`supervisor.${city}`)
  const { page } = supervisor
  await page.locator('.heat:not(.trend) .chart[data-drawn]').waitFor()
  await supervisor.settled()
  const chart = page.locator('.heat:not(.trend) .chart canvas').first()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (!box) throw new Error('no chart')
  for (let x = box.width - 20; x > 0 && page.url().includes('/board'); x -= 30) await page.mouse.click(box.x + x, box.y + 24)
  expect(await listed(supervisor)).toBeGreaterThan(0)

  for (const at of ['[data-figure=received] .big a', '[data-figure=overdue] .big a', '.risks .total a', '.units [data-unit=total] td a']) {
    await page.goto(`${base}/console/board`)
    await page.locator('.units').waitFor()
    const link = page.locator(at).first()
    if (!(await link.count())) continue // nothing is behind a nought
    const n = count(await link.textContent())
    await link.click()
    expect(await listed(supervisor), at).toBe(n)
  }
})

it('shows both ways of counting, and what each leaves out', async () => {
  const supervisor = await Person.login(`supervisor.${city}`)
  const { page } = supervisor
  const total = page.locator('.units [data-unit=total]')
  await total.waitFor()
  const cells = await total.locator('td.rate').allTextContents()
  expect(cells).toHaveLength(3)
  for (const c of cells) expect(c).toMatch(/(—|[\d.]+%).*剔除前\s*(—|[\d.]+%)/s)
  await page.getByText('统计口径').click()
  const formulas = page.locator('.formulas')
  await formulas.getByText('行政执法、行政调解').waitFor()
  await formulas.getByText('最后一次评价为准').waitFor()
  await supervisor.clean()
})

it('leaves as a workbook and as a picture, each with who and when, and the record has both', async () => {
  const supervisor = await Person.login(`supervisor.${city}`)
  const { page } = supervisor
  await page.locator('.chart[data-drawn]').nth(1).waitFor()
  let [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出 Excel' }).click()])
  expect(download.suggestedFilename()).toMatch(/^dashboard-330100-.*\.xlsx$/)
  const files = parts(await downloaded(download))
  const text = files.get('xl/sharedStrings.xml') ?? ''
  expect([...files.keys()].filter((f) => f.startsWith('xl/worksheets/sheet'))).toHaveLength(5)
  expect(files.get('xl/workbook.xml')).toContain('单位三率')
  for (const said of [`supervisor.${city} 20`, '看板导出', '满意率（剔除前）', '满意率（剔除后）', '热力图']) expect(text + (files.get('xl/workbook.xml') ?? '')).toContain(said)
  ;[download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出图片' }).click()])
  const png = await downloaded(download)
  expect([png.toString('latin1', 1, 4), png.readUInt32BE(16) > 700, png.readUInt32BE(20) > 500]).toEqual(['PNG', true, true])
  if (process.env.HOTLINE_SHOTS) await download.saveAs(`${process.env.HOTLINE_SHOTS}/board-picture.png`)
  const admin = await Person.login(`city_admin.${city}`)
  await admin.page.goto(`${base}/console/records`)
  await admin.said('导出看板（Excel）')
  await admin.said('导出看板（图片）')
})

it('is read anew by itself when a call comes in', async () => {
  const supervisor = await Person.login(`supervisor.${city}`)
  const received = supervisor.page.locator('[data-figure=received] .big')
  await received.waitFor()
  const before = count(await received.textContent())
  const agent = await Person.login(`agent.${city}`)
  await file(agent, '公园健身器材坏了一周没人修，请处理。', '13800000052')
  await supervisor.page.waitForFunction((n) => Number((document.querySelector('[data-figure=received] .big')?.textContent ?? '').replace(/\D/g, '')) > n, before)
})

it('单位负责人 sees the own subtree, 城市管理员 the figures without the orders', async () => {
  const lead = await Person.login(`lead.u01.${city}`)
  await lead.page.waitForURL('**/console/board')
  await lead.page.locator('.units').waitFor()
  await lead.settled()
  const units = await lead.page.locator('.units tbody tr').evaluateAll((rows) => rows.map((r) => (r as HTMLElement).dataset.unit))
  expect(units.filter((u) => u !== 'total' && u !== 'U01')).toEqual([])
  await lead.clean()
  await lead.shot('board-lead')
  const admin = await Person.login(`city_admin.${city}`)
  await admin.page.waitForURL('**/console/board')
  await admin.page.locator('.units').waitFor()
  await admin.settled()
  expect(await admin.page.locator('.board a').count()).toBe(0)
  expect(count(await admin.page.locator('[data-figure=received] .big').textContent())).toBeGreaterThan(0)
})

it('keeps its figures when the line is cut, and says how old they are', async () => {
  const supervisor = await Person.login(`supervisor.${city}`)
  const { page } = supervisor
  await page.locator('.units').waitFor()
  await supervisor.settled()
  supervisor.expected.push(/ERR_INTERNET_DISCONNECTED|Failed to fetch/)
  await supervisor.context.setOffline(true)
  await page.getByRole('button', { name: '刷新' }).click()
  await page.getByRole('alert').filter({ hasText: '下面仍是' }).waitFor()
  expect(await page.locator('.figures article').count()).toBe(6)
  await supervisor.context.setOffline(false)
  await page.getByRole('button', { name: '刷新' }).click()
  await page.getByRole('alert').waitFor({ state: 'detached' })
})

it('is whole on a phone, in the dark and close together', async () => {
  const supervisor = await Person.login(`supervisor.${city}`, { width: 360, height: 740 })
  const { page } = supervisor
  await page.locator('.units').waitFor()
  await supervisor.settled()
  await supervisor.fits()
  await supervisor.shot('board-phone')
  await page.setViewportSize({ width: 1440, height: 1400 })
  await page.evaluate(() => { document.documentElement.dataset.theme = 'dark'; document.documentElement.dataset.density = 'compact' })
  await page.locator('.heat:not(.trend)').getByRole('button', { name: '图', exact: true }).click()
  await page.locator('.heat:not(.trend) .chart[data-drawn]').waitFor()
  await supervisor.settled()
  await supervisor.clean()
  await supervisor.shot('board-dark')
})
