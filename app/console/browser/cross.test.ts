// Between two cities: a case given, worked on and called back by the other city, its citizen following with the same code; and a case
// that nobody takes, before the coordinator.
import { describe, expect, it } from 'vitest'
import { ask, until } from './api'
import { base, file, Person } from './people'

const beijing = '110000'
const tianjin = '120000'
const shijiazhuang = '130100'

interface Row { name: string; orderNumber: string; workOrder: string; state: string; origin: string; number: string }
const list = async (city: string, direction: 'in' | 'out', order: string) =>
  (await ask<{ transfers: Row[] }>(`dispatcher.${city}`, 'GET', `/v1/tenants/${city}/transfers?direction=${direction}&pageSize=100`)).transfers.find((x) => x.orderNumber === order)

let number = ''
let code = ''
let there = '' // its number in Tianjin

describe('a case of Tianjin that was told to Beijing', () => {
  it('北京 takes it in and its 派单员 transfers it', async () => {
    const agent = await Person.login(`agent.${beijing}`)
    number = await file(agent, '我住在天津河西区，小区供水管破裂两天没人修，请帮忙转给天津。', '13800000061')
    code = (await agent.page.locator('.taken .code').textContent()) ?? ''
    const dispatcher = await Person.login(`dispatcher.${beijing}`)
    const { page } = dispatcher
    await dispatcher.order(number, 'dispatch')
    const form = await dispatcher.choose('跨域转办')
    await form.getByRole('combobox').first().fill('天津')
    await page.getByRole('option', { name: /天津市/ }).first().click()
    await form.getByRole('textbox', { name: '依据条款' }).fill('属地管理')
    await form.getByText('同意，随件提供', { exact: false }).first().click()
    await dispatcher.clean()
    await form.getByRole('button', { name: '跨域转办' }).click()
    await dispatcher.said('跨域转办：已完成')
  })

  it('北京 sees it on the lane to Tianjin', async () => {
    await until('it is delivered', async () => ['delivered', 'offered'].includes((await list(beijing, 'out', number))?.state ?? ''))
    const dispatcher = await Person.login(`dispatcher.${beijing}`)
    const { page } = dispatcher
    await page.goto(`${base}/console/transfers`)
    const row = page.locator('.lanes tr', { hasText: number.slice(-8) })
    await row.getByText('天津市').waitFor()
    await row.locator('.pressure').waitFor()
    await row.getByRole('link').first().click()
    await page.getByRole('article', { name: '一件转办' }).getByText('天津市签收', { exact: false }).first().waitFor()
    await dispatcher.settled()
    await dispatcher.clean()
    await dispatcher.shot('city-lanes')
  })

  it('天津 finds it among what comes from elsewhere, signs for it and accepts it', async () => {
    there = await until('it came to Tianjin', async () => (await list(tianjin, 'in', number))?.workOrder.split('/').pop())
    const dispatcher = await Person.login(`dispatcher.${tianjin}`)
    const { page } = dispatcher
    await page.goto(`${base}/console/transfers?direction=in`)
    await page.locator('.lanes tr', { hasText: number.slice(-8) }).getByRole('link').first().click()
    await page.getByRole('link', { name: '打开工单' }).click()
    await page.locator('article.order h2').waitFor()
    expect(page.url()).toContain(there)
    await dispatcher.choose('签收转办')
    await dispatcher.said('签收转办：已完成')
    await until('the ledger has the signature', async () => (await list(tianjin, 'in', number))?.state === 'signed')
    await dispatcher.order(there)
    await dispatcher.choose('接收转办')
    await dispatcher.said('接收转办：已完成')
    await until('Tianjin is answerable', async () => (await list(tianjin, 'in', number))?.state === 'accepted')
  })

  it('天津 dispatches, works and answers', async () => {
    const dispatcher = await Person.login(`dispatcher.${tianjin}`)
    let { page } = dispatcher
    await dispatcher.order(there, 'dispatch')
    let form = await dispatcher.choose('派单')
    await form.getByRole('combobox', { name: '分类' }).fill('1203') // Beijing's category is not Tianjin's
    await page.getByRole('option', { name: /1203/ }).first().click()
    await form.getByRole('combobox', { name: '主办单位' }).fill('城管局')
    await page.locator('.el-select-dropdown__item:visible', { hasText: /^城管局$/ }).first().click()
    await form.locator('textarea').first().fill('外市转入，请尽快核实并答复')
    await form.getByRole('button', { name: '派单' }).last().click()
    await dispatcher.said('派单：已完成')

    const handler = await Person.login(`u02.${tianjin}`)
    page = handler.page
    await handler.order(there, 'sign')
    await handler.choose('签收')
    await handler.said('签收：已完成')
    form = await handler.choose('联系诉求人')
    await form.getByText('联系上了').click()
    await form.locator('textarea').fill('已电话核实，今天下午抢修。')
    await form.getByRole('button', { name: '联系诉求人' }).click()
    await handler.said('联系诉求人：已完成')
    form = await handler.choose('答复')
    await form.locator('textarea').first().fill('您好！您反映的供水管破裂问题已收悉。抢修人员当天到场更换水管，晚八点恢复供水，并安排复查。')
    await form.getByRole('combobox').click()
    await page.getByRole('option', { name: '已解决', exact: true }).click()
    await form.getByText('自查通过').waitFor()
    await form.getByRole('button', { name: '答复' }).click()
    await handler.said('答复：已完成')

    const reviewer = await Person.login(`reviewer.${tianjin}`)
    await reviewer.order(there, 'review')
    await reviewer.page.keyboard.press('a')
    await reviewer.page.getByRole('form', { name: '审核' }).waitFor()
    await reviewer.page.keyboard.press('1')
    await reviewer.page.keyboard.press('Control+Enter')
    await reviewer.said('审核：已完成')
  })

  it('群众 of Beijing follows it with the same number and code, and reads who works on it and what Tianjin answered', async () => {
    await until('Beijing has the answer', async () => ['replied', 'concluded'].includes((await list(beijing, 'out', number))?.state ?? ''))
    const citizen = await Person.come('citizen', { width: 360, height: 740 })
    const { page } = citizen
    await page.goto(`${base}/follow?city=${beijing}`)
    await page.getByLabel('24 位编号').fill(number)
    await page.getByLabel('查询码').fill(code)
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByText('天津市', { exact: false }).first().waitFor()
    await page.getByText('晚八点恢复供水').first().waitFor()
    await citizen.fits()
    await citizen.clean()
    await citizen.shot('cross-citizen')
  })

  it('天津 calls back, and the case is over in both cities', async () => {
    const caller = await Person.login(`callback_agent.${tianjin}`)
    await caller.order(there, 'callback')
    const form = await caller.choose('回访')
    await form.getByText('联系上了').click()
    await form.getByRole('radiogroup', { name: '承办单位是否联系您' }).getByText('是').click()
    await form.getByText('已解决').click()
    await form.getByRole('radiogroup', { name: '对办理结果' }).locator('label', { hasText: /^\d满意$/ }).click()
    await form.getByRole('radiogroup', { name: '对办理态度' }).getByText('非常满意').click()
    await form.getByRole('button', { name: '回访' }).click()
    await caller.said('回访：已完成')
    await until('Beijing knows that it is over', async () => (await list(beijing, 'out', number))?.state === 'called_back')
    const dispatcher = await Person.login(`dispatcher.${beijing}`)
    await dispatcher.page.goto(`${base}/console/transfers?state=called_back`)
    await dispatcher.page.locator('.lanes tr', { hasText: number.slice(-8) }).getByText('已回访').waitFor()
  })
})

// disputed is a case that two cities declined, with the papers of both before the coordinator; by the API, for the browser has its part
// in what follows.
async function disputed(): Promise<string> {
  const agent = await Person.login(`agent.${beijing}`)
  const order = await file(agent, '省界公路上的路灯坏了，三个城市都说不归他们管。', '13800000062')
  await agent.page.close()
  const from = `/v1/tenants/${beijing}/workOrders/${order}`
  for (const [target, responsible] of [[tianjin, shijiazhuang], [shijiazhuang, tianjin]] as const) {
    await ask(`dispatcher.${beijing}`, 'POST', `${from}:transfer`, { target, mode: 'COLD', basis: '属地管理', consent: true })
    const at = await until('it came', async () => (await list(target, 'in', order))?.workOrder)
    await ask(`dispatcher.${target}`, 'POST', `/v1/${at}:decline`, { reason: 'NOT_OUR_PLACE', basis: '属地管理', responsible, words: '经核实，该路段属于其他城市管辖。' })
    await until('the decline is known', async () => ['declined', 'disputed'].includes((await list(beijing, 'out', order))?.state ?? '') && (await list(target, 'in', order))?.state !== 'offered')
    if (target === shijiazhuang) {
      await until('it is disputed here', async () => (await list(beijing, 'out', order))?.state === 'disputed')
      await ask(`dispatcher.${beijing}`, 'POST', `${from}:refer`, { basis: '首接负责制', words: '路灯由石家庄市管养，附养护协议。' })
      await until('it is disputed there', async () => (await list(target, 'in', order))?.state === 'disputed')
      await ask(`dispatcher.${target}`, 'POST', `/v1/${at}:refer`, { basis: '属地管理', words: '该路段去年已移交天津市。' })
    }
  }
  return order
}

describe('a case that nobody takes', () => {
  let order = ''
  it('comes before the 区域协调员 with the papers of both sides, and their word binds', async () => {
    order = await disputed()
    const coordinator = await Person.login('regional_coordinator.100001')
    const { page } = coordinator
    await page.waitForURL('**/console/transfers')
    await page.getByRole('link', { name: /待指定/ }).first().click()
    await page.waitForURL('**designable=true**')
    const row = page.locator('.lanes tr', { hasText: order.slice(-8) })
    await row.getByText('争议待指定').waitFor()
    await coordinator.settled()
    await coordinator.clean()
    await page.keyboard.press('j')
    const one = page.getByRole('article', { name: '一件转办' })
    await until('the papers of both sides are there', async () => {
      await page.reload()
      await one.waitFor()
      await coordinator.settled()
      return (await one.getByText('该路段去年已移交天津市').count()) > 0 && (await one.getByText('附养护协议').count()) > 0
    })
    await coordinator.clean()
    await coordinator.shot('dispute')
    expect(await page.getByText('13800000062').count()).toBe(0) // nothing of the citizen
    await one.getByRole('button', { name: '指定承办' }).click()
    const form = page.getByRole('form', { name: '指定承办' })
    await form.getByRole('button', { name: '指定承办' }).click()
    await form.getByText('请填写这一项').first().waitFor() // no word without a reason
    await form.getByRole('radiogroup', { name: '指定由谁承办' }).getByText('天津市').click()
    await form.getByLabel('依据').fill('区域联动规则第九条')
    await form.getByLabel('理由').fill('依据道路移交协议，由天津市承办。')
    await coordinator.clean()
    await form.getByRole('button', { name: '指定承办' }).click()
    await coordinator.said('指定承办：已完成')
    await until('Tianjin has it', async () => (await list(tianjin, 'in', order))?.state === 'designated')
    await page.goto(`${base}/console/transfers?designable=true`)
    await coordinator.settled()
    expect(await page.locator('.lanes tr', { hasText: order.slice(-8) }).count()).toBe(0)
  })

  it('is told with its reasons to the city that has it now', async () => {
    const dispatcher = await Person.login(`dispatcher.${tianjin}`)
    await dispatcher.page.goto(`${base}/console/transfers?direction=in`)
    await dispatcher.page.locator('.lanes tr', { hasText: order.slice(-8) }).getByRole('link').first().click()
    await dispatcher.page.getByRole('article', { name: '一件转办' }).getByText('依据道路移交协议').waitFor()
  })
})

describe('the rules of the region', () => {
  it('are changed by the 区域协调员 as a new version, and who changed what stays', async () => {
    const coordinator = await Person.login('regional_coordinator.100001')
    const { page } = coordinator
    await page.goto(`${base}/console/transfers?tab=rules`)
    const field = page.getByLabel(/^签收期限至少/)
    expect(await field.inputValue()).toBe('2h')
    await field.fill('two hours')
    await page.getByText('写法如 2h、30m、15d').waitFor()
    await field.fill('3h')
    await page.getByRole('button', { name: '写入新版' }).click()
    await page.getByRole('cell', { name: /签收最短期限由2小时改为3小时/ }).waitFor()
    await page.getByText('区域规则（第 1 版）').waitFor()
    await coordinator.clean()
    await coordinator.shot('region-rules')
    const dispatcher = await Person.login(`dispatcher.${beijing}`)
    await dispatcher.page.goto(`${base}/console/transfers?tab=rules`)
    await dispatcher.page.locator('input[readonly]').first().waitFor() // a city reads them and changes nothing
    expect(await dispatcher.page.getByRole('button', { name: '写入新版' }).count()).toBe(0)
  })
})

describe('mutual aid', () => {
  it('is asked for by one 督办员, agreed to by the other, and ended', async () => {
    const asker = await Person.login(`supervisor.${shijiazhuang}`)
    let { page } = asker
    await page.goto(`${base}/console/transfers?tab=aids&region=jing-jin-ji`)
    await page.getByRole('button', { name: '请求话务互援' }).click()
    const form = page.getByRole('form', { name: '请求话务互援' })
    await form.getByRole('radiogroup', { name: '请哪个城市帮忙' }).getByText('廊坊市').click()
    const day = (n: number) => new Date(Date.now() + 8 * 3600_000 + n * 3600_000).toISOString().slice(0, 16)
    await form.getByLabel('开始').fill(day(-1))
    await form.getByLabel('结束').fill(day(5))
    await form.getByLabel('原因').fill('暴雨来电激增')
    await asker.clean()
    await form.getByRole('button', { name: '请求话务互援' }).click()
    await page.getByRole('row', { name: /廊坊市帮石家庄市/ }).getByText('待答复').waitFor()
    const helper = await Person.login('supervisor.131000')
    page = helper.page
    await page.goto(`${base}/console/transfers?tab=aids&region=jing-jin-ji`)
    await page.getByRole('row', { name: /廊坊市帮石家庄市/ }).getByRole('button', { name: '同意', exact: true }).click()
    await page.getByRole('row', { name: /廊坊市帮石家庄市/ }).getByText('互援中').waitFor()
    await helper.clean()
    await helper.shot('aids')
    await asker.page.reload()
    await asker.page.getByRole('row', { name: /廊坊市帮石家庄市/ }).getByRole('button', { name: '结束互援' }).click()
    await asker.page.getByRole('row', { name: /廊坊市帮石家庄市/ }).getByText('已结束').waitFor()
  })
})
