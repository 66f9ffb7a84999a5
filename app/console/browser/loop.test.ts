// One request from the call to the rating, each step by the person whose step it is, in the browser.
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { base, city, Person } from './people'

let number = ''
let code = ''
let link = ''

describe('a complaint goes the whole way', () => {
  it('话务员 takes it in without a mouse, and reads out number and code', async () => {
    const agent = await Person.login(`agent.${city}`)
    const { page } = agent
    await page.waitForURL('**/console/intake')
    const keys = page.keyboard
    await page.locator('input:focus').waitFor()
    await keys.type('13800000017')
    await keys.press('Tab')
    await keys.type('王小明')
    for (let i = 0; i < 3; i++) await keys.press('Tab')
    await keys.type('文一路小区门口每晚都有烧烤摊占道经营，油烟很大，已经一周了。希望有人来管。')
    await keys.press('Tab')
    await keys.type('西湖区')
    await keys.press('Tab')
    await keys.type('文一路小区东门')
    await keys.press('Tab')
    await keys.press('3') // 投诉
    await keys.press('Tab')
    await keys.type('占道')
    await page.getByRole('option', { name: /占道经营/ }).first().waitFor()
    const hinted = page.waitForRequest('**/workOrders:hint') // they come when the typing pauses
    await keys.press('Enter')
    await (await hinted).response()
    await agent.clean()
    await agent.shot('intake')
    await keys.press('Control+Enter')
    await page.getByRole('region', { name: '已受理' }).waitFor()
    number = (await page.locator('.taken a code').textContent()) ?? ''
    code = (await page.locator('.taken .code').textContent()) ?? ''
    expect(number).toMatch(/^330100\d{18}$/)
    expect(code).not.toBe('')
    expect(await page.locator('.taken .say').textContent()).toContain(number.slice(-4))
    await keys.press('n')
    await page.locator('input:focus').waitFor()
    expect(await page.locator('textarea').first().inputValue()).toBe('')
  })

  it('话务员 sees the earlier request when the same number calls again', async () => {
    const agent = await Person.login(`agent.${city}`)
    await agent.page.keyboard.type('13800000017')
    await agent.page.getByRole('complementary').getByRole('link', { name: /文一路小区/ }).first().waitFor()
  })

  it('派单员 finds it in the queue and accepts the suggestion by two keys', async () => {
    const dispatcher = await Person.login(`dispatcher.${city}`)
    const { page } = dispatcher
    await page.waitForURL('**/console/orders**')
    await page.getByRole('listitem').first().waitFor()
    await dispatcher.order(number, 'dispatch')
    await page.keyboard.press('a')
    await page.getByRole('group', { name: '派单建议' }).waitFor()
    await page.locator('.act-form button[type=submit]:focus').waitFor()
    await dispatcher.clean()
    await dispatcher.shot('dispatch')
    await page.keyboard.press('Enter')
    await dispatcher.said('派单：已完成')
    await page.locator('.parts', { hasText: '城管局' }).waitFor()
  })

  it('承办人 signs, calls and answers on a telephone, with a photo from the scene', async () => {
    const handler = await Person.login(`u02.${city}`, { width: 360, height: 740 })
    const { page } = handler
    await handler.order(number, 'sign')
    await handler.fits()
    await (await handler.choose('签收')).waitFor({ state: 'detached' })
    await handler.said('签收：已完成')
    const contact = await handler.choose('联系诉求人')
    await contact.getByText('联系上了').click()
    await contact.locator('textarea').fill('已电话核实，诉求人说每晚七点后摆摊。')
    await handler.fits()
    await contact.getByRole('button', { name: '联系诉求人' }).click()
    await handler.said('联系诉求人：已完成')
    await page.locator('input[type=file][multiple]').setInputFiles({ name: '现场.png', mimeType: 'image/png', buffer: picture() })
    await page.getByRole('list', { name: '附件' }).getByText('现场.png').waitFor()
    const reply = await handler.choose('答复')
    const text = reply.locator('textarea').first()
    await text.fill('您好！您反映的占道经营问题已收悉，请联系摊主张三，电话13800000099。')
    await reply.getByText('须修改').first().waitFor()
    await text.fill('您好！您反映的烧烤摊占道经营问题已收悉。执法人员当晚到场，劝离摊贩并依法立案，此后每晚安排巡查。')
    await reply.getByRole('combobox').click()
    await page.getByRole('option', { name: '已解决', exact: true }).click()
    await reply.getByText('自查通过').waitFor()
    await handler.fits()
    await handler.clean()
    await handler.shot('reply-phone')
    await reply.getByRole('button', { name: '答复' }).click()
    await handler.said('答复：已完成')
  })

  it('承办人 sees the petitioner masked, and in the clear only for a reason', async () => {
    const handler = await Person.login(`u02.${city}`)
    const { page } = handler
    await handler.order(number)
    await page.getByText('138****0017').waitFor()
    expect(await page.getByText('13800000017').count()).toBe(0)
    await page.getByRole('button', { name: /查看明文\s*电话/ }).click()
    await page.getByRole('dialog').getByLabel('查看理由').fill('约时间上门核实')
    await handler.clean()
    await page.keyboard.press('Enter')
    await page.getByText('13800000017').first().waitFor()
  })

  it('审核员 reviews and concludes', async () => {
    const reviewer = await Person.login(`reviewer.${city}`)
    await reviewer.order(number, 'review')
    await reviewer.page.keyboard.press('a')
    const review = reviewer.page.getByRole('form', { name: '审核' })
    await review.waitFor()
    await reviewer.page.keyboard.press('1')
    await reviewer.page.keyboard.press('Control+Enter')
    await reviewer.said('审核：已完成')
  })

  it('回访员 calls back, question by question, and sends the rating link', async () => {
    const caller = await Person.login(`callback_agent.${city}`)
    const { page } = caller
    await caller.order(number, 'callback')
    const form = await caller.choose('回访')
    await form.getByText('联系上了').click()
    await form.getByRole('radiogroup', { name: '承办单位是否联系您' }).getByText('是').click()
    await form.getByText('已解决').click()
    await form.getByRole('radiogroup', { name: '对办理结果' }).locator('label', { hasText: /^\d满意$/ }).click()
    await form.getByRole('radiogroup', { name: '对办理态度' }).getByText('非常满意').click()
    await caller.clean()
    await form.getByRole('button', { name: '回访' }).click()
    await caller.said('回访：已完成')
    await caller.choose('发出评价邀请')
    link = (await page.locator('.acts .link a').getAttribute('href')) ?? ''
    expect(link.startsWith(`${base}/rate/${city}/`)).toBe(true)
  })

  it('群众 rates in two taps, once', async () => {
    const citizen = await Person.come('citizen', { width: 360, height: 740 })
    citizen.expected.push(/status of 4\d\d/)
    const { page } = citizen
    await page.goto(link)
    await page.getByRole('group', { name: '对办理结果' }).getByText('非常满意').click()
    await page.getByRole('group', { name: '对办理态度' }).getByText('非常满意').click()
    await citizen.fits()
    await citizen.clean()
    await page.getByRole('button', { name: '提交评价' }).click()
    await page.getByRole('heading', { name: '谢谢您' }).waitFor()
    await page.goto(link)
    await page.getByRole('group', { name: '对办理结果' }).getByText('不满意', { exact: true }).click()
    await page.getByRole('group', { name: '对办理态度' }).getByText('不满意', { exact: true }).click()
    await page.getByRole('button', { name: '提交评价' }).click()
    await page.getByRole('alert').waitFor()
  })

  it('群众 follows it by number and code, and sees who looked at their number', async () => {
    const citizen = await Person.come('citizen')
    const { page } = citizen
    await page.goto(`${base}/follow?city=${city}`)
    await page.getByLabel('24 位编号').fill(number)
    await page.getByLabel('查询码').fill(code)
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByText('执法人员当晚到场').first().waitFor()
    await page.getByRole('button', { name: '谁看过我的信息' }).click()
    await page.getByText('约时间上门核实').waitFor()
    expect(await page.getByText(`u02.${city}`).count()).toBe(0) // the staff's own names are not told
    await citizen.clean()
    await citizen.shot('follow')
  })

  it('审计员 finds the look in the ledger', async () => {
    const auditor = await Person.login(`auditor.${city}`)
    const { page } = auditor
    await page.waitForURL('**/console/readings')
    await page.getByLabel('查看人账号').fill(`u02.${city}`)
    await page.getByRole('button', { name: '查找' }).click()
    await page.getByText('约时间上门核实').first().waitFor()
    await auditor.clean()
  })
})

// picture is a real PNG of one colour.
function picture(): Buffer {
  const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0 })
  const crc = (b: Buffer) => (b.reduce((c, x) => (crcTable[(c ^ x) & 255] ?? 0) ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(16, 0)
  head.writeUInt32BE(16, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.concat(Array.from({ length: 16 }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(48, 0x90)])))
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
