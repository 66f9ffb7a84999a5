// The side of the house that is not the straight way: returns, watching, the city's own house, a new colleague.
import { describe, expect, it } from 'vitest'
import { base, city, file, Person } from './people'

// The rules of this city change here; nobody else's test works in it.
const house = '340100'

let number = ''

describe('a return', () => {
  it('话务员 takes in, 派单员 dispatches by hand', async () => {
    const agent = await Person.login(`agent.${city}`)
    let { page } = agent
    await page.getByRole('textbox', { name: '电话' }).fill('13800000021')
    await page.getByLabel('诉求原文').fill('小区里夜间施工吵闹，持续到凌晨。')
    await page.getByLabel('区县').fill('西湖区')
    await page.getByLabel('地点').fill('文二路小区')
    await page.locator('.choices label', { hasText: '投诉' }).click()
    await page.getByRole('combobox', { name: '分类' }).fill('施工')
    await page.locator('.el-select-dropdown__item:visible').first().waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '受理', exact: false }).last().click()
    number = (await page.locator('.taken a code').textContent()) ?? ''
    const dispatcher = await Person.login(`dispatcher.${city}`)
    page = dispatcher.page
    await dispatcher.order(number, 'dispatch')
    const form = await dispatcher.choose('派单')
    await page.getByRole('combobox', { name: '主办单位' }).fill('住建局')
    await page.locator('.el-select-dropdown__item:visible', { hasText: /^住建局$/ }).first().click()
    await form.locator('textarea').first().fill('请核实并答复')
    await form.getByRole('button', { name: '派单' }).last().click()
    await dispatcher.said('派单：已完成')
  })

  it('承办人 returns it with a ground, and can’t do what is not open: the reason is there to read', async () => {
    const handler = await Person.login(`u01.${city}`)
    const { page } = handler
    await handler.order(number, 'sign')
    await page.getByText(/暂不可办/).click()
    await page.getByText('请先签收。').first().waitFor()
    const form = await handler.choose('申请退单')
    await form.getByRole('combobox').first().click()
    await page.getByRole('option', { name: '职能不符' }).click()
    await form.locator('textarea').first().fill('夜间施工噪声由生态环境部门负责')
    await form.getByRole('combobox', { name: '认为应由谁办理' }).fill('生态环境局')
    await page.locator('.el-select-dropdown__item:visible', { hasText: /^生态环境局$/ }).first().click()
    await handler.clean()
    await form.getByRole('button', { name: '申请退单' }).click()
    await handler.said('申请退单：已完成')
  })

  it('派单员 finds it among the applications, reads both sides and rejects', async () => {
    const dispatcher = await Person.login(`dispatcher.${city}`)
    const { page } = dispatcher
    await page.goto(`${base}/console/applications?kind=return`)
    await page.getByRole('link', { name: `…${number.slice(-8)}` }).click()
    await page.locator('article.order h2').waitFor()
    await page.keyboard.press('a')
    const form = page.getByRole('form', { name: '退单审核' })
    await form.getByText('夜间施工噪声由生态环境部门负责').waitFor()
    await form.getByText('不同意').click()
    await form.locator('textarea').first().fill('工地在建，由住建部门牵头，生态环境部门协办')
    await dispatcher.clean()
    await page.keyboard.press('Control+Enter')
    await dispatcher.said('退单审核：已完成')
  })

  it('督办员 watches it and urges', async () => {
    const supervisor = await Person.login(`supervisor.${city}`)
    const { page } = supervisor
    await supervisor.order(number, 'all')
    let form = await supervisor.choose('督办')
    await form.locator('textarea').fill('群众反复反映，请限时办结')
    await form.getByRole('button', { name: '督办' }).last().click()
    await supervisor.said('督办：已完成')
    await page.locator('.head .tag', { hasText: '督办' }).waitFor()
    form = await supervisor.choose('催办')
    await form.locator('textarea').fill('请今天联系群众')
    await supervisor.clean()
    await form.getByRole('button', { name: '催办' }).last().click()
    await supervisor.said('催办：已完成')
    await page.goto(`${base}/console/orders?queue=supervised`)
    await page.getByRole('link', { name: /夜间施工/ }).first().waitFor()
  })
})

describe('a dispute and an extension', () => {
  it('承办人 disputes, 裁决员 reads the papers of both sides and decides; the order is locked', async () => {
    const handler = await Person.login(`u01.${city}`)
    await handler.order(number, 'sign')
    let form = await handler.choose('退单异议')
    await form.locator('textarea').first().fill('夜间施工许可由生态环境部门核发')
    await form.getByRole('button', { name: '退单异议' }).click()
    await handler.said('退单异议：已完成')
    const adjudicator = await Person.login(`adjudicator.${city}`)
    const { page } = adjudicator
    await page.getByRole('link', { name: /夜间施工/ }).first().click()
    await page.getByText('工地在建，由住建部门牵头').first().waitFor()
    await page.keyboard.press('a')
    form = page.getByRole('form', { name: '裁决' })
    await form.getByText('夜间施工许可由生态环境部门核发').first().waitFor()
    await form.getByRole('row', { name: /依据.*夜间施工噪声由生态环境部门负责/ }).waitFor()
    await form.getByText('还没有相近的判例').waitFor()
    await adjudicator.shot('verdict')
    await form.getByRole('combobox', { name: '主办单位' }).fill('住建局')
    await page.locator('.el-select-dropdown__item:visible', { hasText: /^住建局$/ }).first().click()
    await form.locator('textarea').first().fill('由住建部门主办，先办后议')
    await adjudicator.clean()
    await page.keyboard.press('Control+Enter')
    await adjudicator.said('裁决：已完成')
    await page.locator('.head .tag', { hasText: '已锁定' }).waitFor()
  })

  it('承办人 asks for more time before it is up, 单位负责人 grants it', async () => {
    const handler = await Person.login(`u01.${city}`)
    await handler.order(number, 'handle')
    const ask = await handler.choose('申请延期')
    await ask.locator('input[type=number]').fill('5')
    await ask.getByRole('textbox', { name: '延期理由' }).fill('施工方案需专家论证')
    await ask.getByRole('textbox', { name: '延期依据' }).fill('夜间施工许可复核需要时间')
    await ask.getByRole('button', { name: '申请延期' }).click()
    await handler.said('申请延期：已完成')
    const lead = await Person.login(`lead.u01.${city}`, { width: 360, height: 740 })
    const { page } = lead
    await lead.order(number, 'handle')
    const decide = await lead.choose('延期审批')
    await decide.getByText('施工方案需专家论证').waitFor()
    await decide.locator('.choices label', { hasText: /^\d同意$/ }).click()
    await decide.locator('textarea').first().fill('同意，请告知群众')
    await lead.fits()
    await decide.getByRole('button', { name: '延期审批' }).click()
    await lead.said('延期审批：已完成')
    await page.locator('.applications').getByText('同意', { exact: true }).first().waitFor()
  })

  it('承办人 asks to lay it by until a date, 督办员 agrees, and the clocks say that they wait', async () => {
    const handler = await Person.login(`u01.${city}`)
    await handler.order(number, 'handle')
    const ask = await handler.choose('申请挂账')
    await ask.getByText('季节原因').click()
    await ask.locator('input[type=date]').fill(new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10))
    await ask.getByRole('textbox', { name: '责任人' }).fill('工程科科长')
    await ask.getByRole('textbox', { name: '节点计划' }).fill('开春后复工，三月前完工')
    await ask.getByRole('textbox', { name: '挂账依据' }).fill('冬季停工令期间不得施工')
    await handler.clean()
    await ask.getByRole('button', { name: '申请挂账' }).click()
    await handler.said('申请挂账：已完成')
    const supervisor = await Person.login(`supervisor.${city}`)
    const { page } = supervisor
    await supervisor.order(number, 'all')
    await page.keyboard.press('a')
    const decide = page.getByRole('form', { name: '挂账审批' })
    await decide.getByText('冬季停工令期间不得施工').waitFor()
    await decide.locator('.choices label', { hasText: /^\d同意$/ }).click()
    await decide.locator('textarea').first().fill('同意，按月复核')
    await page.keyboard.press('Control+Enter')
    await supervisor.said('挂账审批：已完成')
    await page.locator('.clocks').getByText('暂停').first().waitFor()
    await supervisor.clean()
  })

  it('专家座席 answers a question that was left open', async () => {
    const agent = await Person.login(`agent.${city}`)
    await agent.page.getByRole('textbox', { name: '电话' }).fill('13800000022')
    await agent.page.getByLabel('诉求原文').fill('请问孩子转学需要什么材料？')
    await agent.page.locator('.choices label', { hasText: '咨询' }).click()
    await agent.page.getByRole('combobox', { name: '分类' }).fill('学')
    await agent.page.locator('.el-select-dropdown__item:visible').first().waitFor()
    await agent.page.keyboard.press('Enter')
    await agent.page.keyboard.press('Control+Enter')
    const question = (await agent.page.locator('.taken a code').textContent()) ?? ''
    const expert = await Person.login(`expert.${city}`)
    await expert.order(question, 'all')
    const form = await expert.choose('直接答复')
    await form.locator('textarea').first().fill('您好，转学请携带户口簿、学籍证明，到转入学校办理。')
    await form.getByRole('textbox', { name: '依据的知识条目及版本' }).fill('转学指南 第3版')
    await form.getByRole('button', { name: '直接答复' }).click()
    await expert.said('直接答复：已完成')
  })
})

describe('the city’s own house', () => {
  it('城市管理员 adds a colleague, who must choose a password of their own first', async () => {
    const admin = await Person.login(`city_admin.${house}`)
    const { page } = admin
    await page.waitForURL('**/console/board')
    await page.getByRole('link', { name: '人员与授权' }).click()
    await page.getByRole('button', { name: '新增人员' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('账号').fill(`newcomer.${house}`)
    await dialog.getByLabel('姓名').fill('新来的')
    await dialog.getByLabel('角色').selectOption({ label: '话务员' })
    await admin.clean()
    await dialog.getByRole('button', { name: '保存' }).click()
    const first = (await page.locator('.once').textContent()) ?? ''
    expect(first.length).toBeGreaterThan(9)

    const newcomer = await Person.come('newcomer')
    await newcomer.page.goto(`${base}/console/login`)
    await newcomer.enter(`newcomer.${house}`, first)
    await newcomer.page.waitForURL('**/console/me')
    await newcomer.page.getByText('请先修改').waitFor()
    await newcomer.page.goto(`${base}/console/intake`)
    await newcomer.page.waitForURL('**/console/me') // nothing else opens until then
    await newcomer.clean()
    await newcomer.page.getByLabel('原口令').fill(first)
    await newcomer.page.getByLabel('新口令（至少 10 位）').fill('a-fresh-start-2026')
    await newcomer.page.getByLabel('再输入一次新口令').fill('a-fresh-start-2026')
    await newcomer.page.keyboard.press('Enter')
    await newcomer.page.waitForURL('**/console/intake')
  })

  it('城市管理员 changes a rule and the privacy matrix, each with a reason; what no city may loosen is refused', async () => {
    const admin = await Person.login(`city_admin.${house}`)
    admin.expected.push(/status of 4\d\d/)
    const { page } = admin
    await page.goto(`${base}/console/rules`)
    await page.getByLabel('回访次数').fill('4')
    await page.getByLabel('修改理由').fill('回访更细')
    await admin.clean()
    await page.getByRole('button', { name: '写入新版' }).click()
    await page.getByText('第 2 版').first().waitFor()
    await page.goto(`${base}/console/privacy`)
    await page.locator('.choices label', { hasText: '列表' }).click()
    await page.getByRole('button', { name: '话务员 电话 脱敏' }).click()
    await page.getByLabel('修改理由').fill('列表里不再显示号码')
    await admin.clean()
    await page.getByRole('button', { name: '写入新版' }).click()
    await page.locator('.box:not(.see-as) > .refused', { hasText: '底线' }).waitFor()
    await page.getByRole('button', { name: '话务员 电话 明文' }).click()
    await page.getByRole('button', { name: '写入新版' }).click()
    await page.getByText('第 2 版').first().waitFor()
    await page.goto(`${base}/console/records`)
    await page.getByText('回访更细').first().waitFor()
  })

  it('话务员 sees no number in lists from then on, nor on the card of who calls; the call is served all the same', async () => {
    const agent = await Person.login(`agent.${house}`)
    const { page } = agent
    const order = await file(agent, '小区南门的垃圾桶满了三天没有人清。', '13800000071')
    await page.goto(`${base}/console/intake`)
    await page.getByRole('textbox', { name: '电话' }).fill('13800000071')
    const card = page.getByRole('region', { name: '来电人' })
    await card.getByRole('link', { name: /垃圾桶/ }).waitFor()
    expect(await card.textContent()).not.toMatch(/138.{4}0071/)
    await page.keyboard.press('Alt+u')
    await card.getByLabel('来电人催什么').fill('来电人问什么时候来清')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('region', { name: '已办理来电' }).getByText(order).waitFor()
  })

  it('城市管理员 names a unit anew, and everybody sees it', async () => {
    const admin = await Person.login(`city_admin.${house}`)
    const { page } = admin
    await page.goto(`${base}/console/units`)
    await page.getByLabel('在本页筛选').fill('U21')
    await page.getByRole('button', { name: '修改' }).first().click()
    await page.getByRole('dialog').getByLabel('标题').fill('体育发展局')
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
    await page.getByLabel('在本页筛选').fill('体育发展局')
    await page.getByRole('cell', { name: '体育发展局' }).waitFor()
  })

  it('nobody reads another city’s orders, nor a room that is not theirs', async () => {
    const admin = await Person.login(`city_admin.${city}`)
    expect(await admin.page.getByRole('link', { name: '全部工单' }).count()).toBe(0)
    const stranger = await Person.login('agent.120000')
    stranger.expected.push(/status of 404/)
    await stranger.page.goto(`${base}/console/orders/${number}`)
    await stranger.page.getByRole('alert').getByText('没有找到').first().waitFor()
  })
})
