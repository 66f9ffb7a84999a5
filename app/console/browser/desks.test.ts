// Each workplace's own tools: who calls, with whose eyes, is it whole, where is it late, what was decided before.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { base, city, file, Person } from './people'

const phone = '13800000061'
let number = ''

describe('话务员', () => {
  it('sees who calls, and urges or supplements what is open by one key, instead of taking it in anew', async () => {
    const agent = await Person.login(`agent.${city}`)
    number = await file(agent, '梧桐里小区南门路灯三天不亮，老人出门看不见路。', phone)
    const { page } = agent
    await page.goto(`${base}/console/intake`)
    await page.locator('input:focus').waitFor()
    await page.keyboard.type(phone)
    const card = page.getByRole('region', { name: '来电人' })
    await card.getByText('138****0061').waitFor()
    await card.getByRole('link', { name: /梧桐里小区/ }).waitFor()
    expect(page.url()).not.toContain(phone)
    await agent.clean()
    await page.keyboard.press('Alt+u')
    await card.getByLabel('来电人催什么').fill('来电人问什么时候能修好')
    await agent.clean()
    await agent.shot('caller')
    await page.keyboard.press('Control+Enter')
    const served = page.getByRole('region', { name: '已办理来电' })
    await served.getByText('已为您催办').waitFor()
    await served.getByText(number).waitFor()
    await agent.clean()
    await page.keyboard.press('n')
    await page.locator('input:focus').waitFor()
    await page.keyboard.type(phone)
    await card.getByText('催办', { exact: true }).first().waitFor()
    await page.keyboard.press('Alt+b')
    await card.getByLabel('来电人补充的情况').fill('北门的灯也不亮了')
    await page.keyboard.press('Control+Enter')
    await served.getByText('不用重新登记').waitFor()
    await agent.order(number, 'all')
    await page.locator('.timeline', { hasText: '来电人问什么时候能修好' }).getByText('北门的灯也不亮了').waitFor()
  })

  it('finds an order by words of its title, within their scope, from anywhere', async () => {
    const agent = await Person.login(`agent.${city}`)
    const { page } = agent
    await page.keyboard.press('Control+k')
    await page.keyboard.type('梧桐里 路灯')
    await page.getByRole('option', { name: new RegExp(number) }).waitFor()
    await agent.clean()
    const handler = await Person.login(`u03.${city}`)
    await handler.page.keyboard.press('Control+k')
    await handler.page.keyboard.type('梧桐里 路灯')
    await handler.page.getByText('没有找到').waitFor()
    await page.goto(`${base}/console/search`)
    await page.getByRole('textbox').fill('梧桐里')
    await page.keyboard.press('Enter')
    await page.getByRole('cell', { name: /梧桐里/ }).first().waitFor()
    expect(decodeURI(page.url())).not.toContain('梧桐里')
    await agent.clean()
  })
})

describe('城市管理员', () => {
  it('sees a matrix with a role’s eyes before it is saved; what can’t be saved can’t be seen', async () => {
    const admin = await Person.login(`city_admin.${city}`)
    admin.expected.push(/status of 400/)
    const { page } = admin
    await page.goto(`${base}/console/privacy`)
    const eyes = page.getByRole('region', { name: '以岗位查看' })
    await eyes.getByText('没有变化').waitFor()
    await eyes.getByRole('row', { name: /电话/ }).getByText('138****0000').first().waitFor()
    await page.getByRole('button', { name: '承办人 电话 脱敏' }).click() // clear
    await eyes.getByRole('row', { name: /电话/ }).getByText('13800000000').waitFor()
    await page.getByRole('button', { name: '承办人 电话 明文' }).click() // hidden
    await eyes.getByText('有 1 项会变').waitFor()
    await eyes.getByRole('row', { name: /电话/ }).getByText('隐藏').waitFor()
    expect(await eyes.getByRole('row', { name: /诉求原文/ }).locator('td').last().textContent()).not.toContain('13800000000')
    await admin.clean()
    await admin.shot('see-as')
    await eyes.getByRole('combobox').selectOption({ label: '话务员' })
    await eyes.getByText('没有变化').waitFor()
    await page.locator('.choices label', { hasText: '列表' }).click()
    await page.getByRole('button', { name: '话务员 电话 脱敏' }).click() // clear in a list is below the floor
    await eyes.getByRole('alert').getByText('不能保存').waitFor()
  })
})

describe('审计员', () => {
  it('finds looks by person, order, day and kind, takes them out, and checks that the chains are whole', async () => {
    const watcher = await Person.login(`supervisor.${city}`)
    await watcher.order(number, 'all')
    await watcher.page.getByRole('button', { name: /查看明文\s*电话/ }).click()
    await watcher.page.getByRole('dialog').getByLabel('查看理由').fill('核对来电号码')
    await watcher.page.keyboard.press('Enter')
    await watcher.page.getByText(phone).first().waitFor()

    const auditor = await Person.login(`auditor.${city}`)
    const { page } = auditor
    await page.getByLabel('24 位工单编号').fill(number)
    await page.getByLabel('场合').selectOption({ label: '查看明文' })
    await page.getByRole('button', { name: '查找' }).click()
    await page.getByText('核对来电号码').waitFor()
    expect(page.url()).toContain(number)
    const taken = page.waitForEvent('download')
    await page.getByRole('button', { name: '导出表格' }).click()
    const sheet = readFileSync(await (await taken).path(), 'utf8')
    expect(sheet).toContain(`"supervisor.${city}"`)
    expect(sheet).toContain('核对来电号码')
    expect(sheet).not.toContain(phone)
    await page.getByRole('button', { name: '校验' }).click()
    await page.getByText('完好').waitFor()
    await auditor.clean()
    await auditor.shot('audit')
    await page.getByLabel('24 位工单编号').fill('')
    await page.getByLabel('查看人账号').fill('nobody')
    await page.getByRole('button', { name: '查找' }).click()
    await page.getByText('没有留痕').waitFor()
    await page.getByRole('button', { name: '校验' }).click() // the orders of today
    await page.getByText(/完好/).waitFor()
  })
})

describe('督办员', () => {
  it('sees where it is late, and writes the letter that goes with a supervision', async () => {
    const supervisor = await Person.login(`supervisor.${city}`)
    const { page } = supervisor
    await page.goto(`${base}/console/overdue`)
    await supervisor.settled()
    await supervisor.clean()
    await supervisor.shot('overdue')
    await supervisor.order(number, 'all')
    const form = await supervisor.choose('督办')
    await form.locator('textarea').fill('群众两次来电，请三日内修复')
    await form.getByRole('button', { name: '督办' }).last().click()
    await supervisor.said('督办：已完成')
    await page.getByRole('link', { name: '督办单' }).click()
    await page.getByRole('heading', { name: '工单督办通知单' }).waitFor()
    await page.getByText('请三日内修复').waitFor()
    expect(await page.locator('.letter').textContent()).not.toContain('0061')
    await supervisor.clean()
    await supervisor.shot('letter')
  })
})

describe('paper', () => {
  it('is printed by the city’s rules for paper, and the ledger knows of it; the screen does not print itself', async () => {
    const supervisor = await Person.login(`supervisor.${city}`)
    const { page } = supervisor
    await supervisor.order(number, 'all')
    await page.emulateMedia({ media: 'print' })
    await page.getByText('屏幕上的内容不直接打印').waitFor()
    expect(await page.getByText('138****0061').isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
    await page.getByRole('button', { name: '打印' }).click()
    await page.waitForURL(`**/print/${number}`)
    const sheet = page.locator('.sheet article')
    await sheet.getByText('北门的灯也不亮了').waitFor()
    expect(await sheet.textContent()).not.toMatch(/138.{4}0061/) // the national rule keeps the phone off paper
    await supervisor.clean()
    await page.emulateMedia({ media: 'print' })
    await sheet.getByText(number).first().waitFor()
    await supervisor.shot('print')
    const auditor = await Person.login(`auditor.${city}`)
    await auditor.page.goto(`${base}/console/readings?order=${number}&situation=print`)
    await auditor.page.getByRole('cell', { name: `supervisor.${city}` }).first().waitFor()
  })
})

describe('in English', () => {
  it('what is refused is said in English as well, and the acts are named', async () => {
    const supervisor = await Person.login(`supervisor.${city}`)
    supervisor.expected.push(/status of 4\d\d/)
    const { page } = supervisor
    await page.goto(`${base}/console/me`)
    await page.getByText('English').click()
    await page.getByRole('heading', { name: 'Change password' }).waitFor()
    await page.goto(`${base}/console/orders/${city}209901010100000001`)
    await page.getByRole('alert').getByText('Not found, or not within what you may see.').waitFor()
    await page.goto(`${base}/console/orders/${number}?queue=all`)
    await page.getByRole('region', { name: 'Acts' }).getByRole('button', { name: 'Urge' }).waitFor()
    await supervisor.clean()
  })
})
