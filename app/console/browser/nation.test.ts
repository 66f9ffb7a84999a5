// Above the cities: the national list from a draft to what is in force, the matrix of all cities, a city's register and what citizens see.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ask } from './api'
import { base, Person } from './people'

const city = '320100'

describe('the next version of the national list', () => {
  it('国办管理员 drafts it, each row marked against the version in force', async () => {
    const one = await Person.login('central_admin.000000')
    const { page } = one
    await page.goto(`${base}/console/list`)
    await page.getByRole('cell', { name: '第 1 版' }).waitFor()
    await one.settled()
    await one.clean()
    await one.shot('list')
    await page.getByRole('link', { name: '草案' }).click()
    await page.getByRole('button', { name: '起草下一版' }).click()
    await page.getByRole('heading', { name: '第 2 版草案（对照第 1 版）' }).waitFor()
    await page.getByRole('button', { name: '修改 12366' }).click()
    let form = page.getByRole('form', { name: '修改 12366' })
    await form.getByText('整体并入').click()
    await form.getByLabel('序号').fill('99')
    await form.getByRole('button', { name: '保存' }).click()
    await page.locator('tr[data-mark=changed]', { hasText: '12366' }).locator('.tag', { hasText: '修改' }).waitFor()
    await page.getByRole('button', { name: '新增条目' }).click()
    form = page.getByRole('form', { name: '新增条目' })
    await form.getByLabel('号码').fill('110')
    await form.getByLabel('序号').fill('98')
    await form.getByLabel('名称').fill('试验热线')
    await form.getByLabel('责任单位').fill('某部')
    one.expected.push(/status of 409/)
    await form.getByRole('button', { name: '保存' }).click()
    await form.getByRole('alert').getByText('紧急热线').waitFor() // what the rules forbid is said where it was typed
    await form.getByLabel('号码').fill('12399')
    await form.getByRole('button', { name: '保存' }).click()
    await page.locator('tr[data-mark=added]', { hasText: '12399' }).locator('.tag', { hasText: '新增' }).waitFor()
    await one.clean()
    await one.shot('draft')
    await page.getByText('暂不可办').click()
    await page.getByText('您参与了起草，请由另一位同志审核').or(page.getByText('草案起草中，现在不能审核')).first().waitFor()
    await page.getByRole('button', { name: '送审' }).click()
    await one.said('送审：已完成')
    expect(await page.getByRole('button', { name: '审核', exact: true }).count()).toBe(0)
  })

  it('a second person reviews, signs and publishes it by its number', async () => {
    const two = await Person.login('central_admin2.000000')
    const { page } = two
    await page.goto(`${base}/console/list?tab=drafts`)
    await page.getByRole('button', { name: '审核', exact: true }).click()
    const review = page.getByRole('form', { name: '审核' })
    await review.getByText('通过', { exact: true }).click()
    await review.getByLabel('审核意见').fill('同意，依据充分')
    await review.getByRole('button', { name: '审核' }).click()
    await two.said('审核：已完成')
    for (const verb of ['签署', '发布']) {
      await page.getByRole('button', { name: verb, exact: true }).click()
      const form = page.getByRole('form', { name: verb })
      const number = form.getByLabel('请输入版本号 2 确认')
      await number.fill('1')
      await form.getByRole('button', { name: verb }).click()
      await form.getByText('输入的版本号不对').first().waitFor()
      await number.fill('2')
      await two.clean()
      await form.getByRole('button', { name: verb }).click()
      if (verb === '签署') await two.said('签署：已完成')
    }
    await page.getByRole('cell', { name: '第 2 版' }).waitFor()
    await page.getByRole('row', { name: /第 2 版/ }).getByText('现行').waitFor()
  })

  it('any two versions are compared, the other way round as well, and the list is taken away', async () => {
    const one = await Person.login('central_admin.000000')
    const { page } = one
    await page.goto(`${base}/console/list?tab=compare`)
    await page.locator('tr[data-mark=added]', { hasText: '12399' }).waitFor()
    await page.locator('tr[data-mark=changed]', { hasText: '12366' }).getByText('整体并入').waitFor()
    await page.goto(`${base}/console/list?tab=compare&from=2&to=1`)
    await page.locator('tr[data-mark=removed]', { hasText: '12399' }).getByText('不在其中').waitFor()
    await one.clean()
    await one.shot('compare')
    await page.goto(`${base}/console/list`)
    for (const [button, end] of [['CSV', '.csv'], ['Excel', '.xlsx'], ['打印页', '.html'], ['签名件', '.signed']] as const) {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()])
      expect(file.suggestedFilename()).toMatch(new RegExp(`\\${end}$`))
      if (end === '.csv') expect(readFileSync(await file.path(), 'utf8')).toContain('12399')
    }
  })

  it('a city acknowledges it', async () => {
    const admin = await Person.login(`city_admin.${city}`)
    await admin.page.goto(`${base}/console/list`)
    await admin.page.getByRole('button', { name: '签收第 2 版' }).click()
    await admin.said('第 2 版已由 city_admin.320100')
    expect(await admin.page.getByRole('link', { name: '草案' }).count()).toBe(0)
    await admin.settled()
    await admin.clean()
  })
})

describe('a number of a city', () => {
  const number = '12331'
  const start = async (who: string) => {
    const person = await Person.login(`${who}.${city}`)
    await person.page.goto(`${base}/console/numbers/${number}`)
    await person.page.getByRole('article', { name: `号码 ${number}` }).waitFor()
    return person
  }

  it('城市管理员 adopts it, plans it, and sees as a checklist what the cut-over still waits for', async () => {
    const admin = await start('city_admin')
    const { page } = admin
    const one = page.getByRole('article', { name: `号码 ${number}` })
    await one.getByText('国家清单').waitFor()
    await one.getByText('本市实际').waitFor()
    await page.getByText(/暂不可办/).click()
    await page.getByText('请先确定归并方式').first().waitFor()
    await page.getByRole('button', { name: '落实归并' }).click()
    let form = page.getByRole('form', { name: '落实归并' })
    await form.getByText('整体并入', { exact: true }).click()
    await form.getByRole('combobox', { name: '责任单位' }).fill('市场监管局')
    await page.locator('.el-select-dropdown__item:visible', { hasText: '市场监管局' }).first().click()
    await form.getByText('并入', { exact: true }).click()
    await form.getByLabel('文件').fill('归并工作方案 | 试办发〔2026〕1号')
    await admin.clean()
    await form.getByRole('button', { name: '落实归并' }).click()
    await admin.said('落实归并：已完成')
    await page.getByRole('button', { name: '制定方案' }).click()
    form = page.getByRole('form', { name: '制定方案' })
    await form.getByLabel('责任人').fill('热线办综合科')
    await form.getByRole('button', { name: '制定方案' }).click()
    await admin.said('制定方案：已完成')
    await page.locator('.guards [data-met=false]', { hasText: '知识库已导入' }).waitFor()
    await page.getByText('还差 6 项').waitFor()
    await page.getByRole('button', { name: '设置语音提示' }).click()
    form = page.getByRole('form', { name: '设置语音提示' })
    await form.getByRole('button', { name: '设置语音提示' }).click()
    await page.getByText('还差 5 项').waitFor()
    await page.getByRole('button', { name: '设置转接' }).click()
    form = page.getByRole('form', { name: '设置转接' })
    await form.getByLabel('12345 接听技能组').fill('市场监管')
    await form.getByRole('button', { name: '设置转接' }).click()
    await admin.said('设置转接：已完成')
    await page.getByRole('button', { name: '完成 知识库导入12345' }).click()
    form = page.getByRole('form', { name: '完成 知识库导入12345' })
    await form.getByLabel('完成依据').fill('入库清单 320 条，已抽查')
    await form.getByRole('button', { name: /完成/ }).click()
    await page.getByText('您提交的，请由另一位同志复核').first().waitFor()
    await page.getByRole('button', { name: '安排 经费保障' }).click()
    form = page.getByRole('form', { name: '安排 经费保障' })
    await form.getByLabel('风险').fill('年底预算未批')
    await form.getByRole('button', { name: /安排/ }).click()
    await page.getByText('风险：年底预算未批').waitFor()
    await admin.settled()
    await admin.clean()
    await admin.shot('number')
  })

  it('a second person confirms and tests it', async () => {
    const second = await start('supervisor')
    const { page } = second
    await page.getByRole('button', { name: '复核 知识库导入12345' }).click()
    await page.getByText('入库清单 320 条').first().waitFor() // what is vouched for is read first
    await page.getByRole('form', { name: '复核 知识库导入12345' }).getByRole('button', { name: /复核/ }).click()
    await page.locator('.guards [data-met=true]', { hasText: '知识库已导入' }).waitFor()
    await page.getByRole('button', { name: '试拨' }).click()
    const form = page.getByRole('form', { name: '试拨' })
    await form.getByText('接通', { exact: true }).click()
    await form.getByLabel('试拨情况').fill('三声内有人接听')
    await form.getByRole('button', { name: '试拨' }).click()
    await page.locator('.guards [data-met=true]', { hasText: '转接目标已试拨接通' }).waitFor()
    expect(await page.getByRole('button', { name: '切换', exact: true }).count()).toBe(0)
  })

  it('城市管理员 cuts it over when nothing is missing, by writing the number out', async () => {
    const login = `city_admin.${city}`
    const at = `/v1/tenants/${city}/numbers/${number}`
    for (const code of ['people', 'site', 'workflow', 'systems', 'indicators', 'funds', 'roster', 'prompt']) await ask(login, 'POST', `${at}/steps/${code}:complete`, { evidence: '验收记录' })
    await ask(`supervisor.${city}`, 'POST', `${at}/steps/roster:confirm`, {})
    const admin = await start('city_admin')
    const { page } = admin
    await page.getByRole('button', { name: '登记服务水平' }).click()
    let form = page.getByRole('form', { name: '登记服务水平' })
    await form.getByText('归并前', { exact: true }).click()
    for (const [label, value] of [['从', '2026-01-01'], ['到', '2026-01-31'], ['来电量', '3000'], ['接通率', '92.5'], ['平均等待秒数', '20'], ['数据来源', '原热线话务报表']]) await form.getByLabel(label ?? '', { exact: false }).first().fill(value ?? '')
    await form.getByRole('button', { name: '登记服务水平' }).click()
    await page.getByText('条件齐备').waitFor()
    await page.getByRole('button', { name: '切换', exact: true }).click()
    form = page.getByRole('form', { name: '切换' })
    await form.getByText('号码取消，不能恢复').waitFor()
    await form.getByLabel('号码').fill('12345')
    await form.getByRole('button', { name: '切换' }).click()
    await form.getByText('输入的号码不对').first().waitFor()
    await form.getByLabel('号码').fill(number)
    await admin.clean()
    await form.getByRole('button', { name: '切换' }).click()
    await admin.said('切换：已完成')
    await page.getByRole('article').getByText('过渡期', { exact: true }).first().waitFor()
    await page.getByText('号码已取消，不能恢复').first().waitFor({ state: 'attached' })
  })

  it('话务员 asks what a caller of it hears now', async () => {
    const agent = await Person.login(`agent.${city}`)
    const { page } = agent
    await page.goto(`${base}/console/numbers?tab=dial`)
    await page.getByLabel('拨打').fill(number)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('已并入12345', { exact: false }).first().waitFor()
    await page.locator('.legs li').first().waitFor()
    await page.locator('.because li').first().waitFor()
    await agent.clean()
    await agent.shot('dial')
    expect(page.url()).not.toContain(number) // what was dialled stands in no address
  })

  it('群众 find it in the public register, on a telephone', async () => {
    const citizen = await Person.come('citizen', { width: 360, height: 740 })
    const { page } = citizen
    await page.goto(`${base}/register?city=${city}`)
    await page.getByLabel('查号码、名称或单位').fill(number)
    await page.getByRole('heading', { name: new RegExp(number) }).waitFor()
    await page.getByText('拨打12345', { exact: false }).first().waitFor()
    await citizen.fits()
    await citizen.clean()
    await citizen.shot('register')
    expect(await page.getByText('city_admin').count()).toBe(0)
    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
    expect(readFileSync(await csv.path(), 'utf8')).toContain(number)
  })
})

describe('whoever oversees the cities', () => {
  it('国办管理员 opens a cell, reads its evidence and urges, by the keyboard', async () => {
    const centre = await Person.login('central_admin.000000')
    const { page } = centre
    await page.waitForURL('**/console/progress')
    await page.getByRole('grid').waitFor()
    await centre.settled()
    await centre.clean()
    await centre.shot('matrix')
    await page.locator('.grid .cell[tabindex="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    await page.locator('.grid .cell:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: '进度依据' }).waitFor()
    await page.goto(`${base}/console/progress?cell=${city}-12331`)
    const cell = page.getByRole('article', { name: '进度依据' })
    await cell.getByText('入库清单 320 条').waitFor()
    expect(await cell.getByText('city_admin').count()).toBe(0) // what was done, not who did it
    expect(await cell.getByText('热线办综合科').count()).toBe(0)
    await cell.getByRole('button', { name: '催办' }).click()
    const form = page.getByRole('form', { name: '催办' })
    await form.getByLabel('催办内容').fill('请按期完成切换后核查')
    await centre.clean()
    await form.getByRole('button', { name: '催办' }).click()
    await centre.said('催办：已完成')
    await cell.getByText('请按期完成切换后核查').waitFor()
    await centre.shot('matrix-cell')
    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
    expect(readFileSync(await csv.path(), 'utf8')).toContain('central_admin.000000') // who took it away stands in it
    for (const tab of ['statistics', 'acknowledgements', 'urges']) {
      await page.goto(`${base}/console/progress?tab=${tab}`)
      await page.getByRole('table').waitFor()
      await centre.clean()
    }
  })

  it('a city asks, the centre answers and publishes, and another place reads it without who asked', async () => {
    const admin = await Person.login(`city_admin.${city}`)
    let { page } = admin
    await page.goto(`${base}/console/numbers?tab=urges`)
    await page.getByText('请按期完成切换后核查').waitFor()
    await page.goto(`${base}/console/numbers?tab=questions`)
    await page.getByRole('button', { name: '请示问题' }).click()
    let form = page.getByRole('form', { name: '请示问题' })
    await form.getByLabel('题目').fill('过渡期语音播报多久')
    await form.getByLabel('问题').fill('整体并入后，原号码的语音提示至少播报多久？')
    await form.getByRole('button', { name: '请示问题' }).click()
    await admin.said('请示问题：已完成')
    const centre = await Person.login('central_admin.000000')
    page = centre.page
    await page.goto(`${base}/console/progress?tab=questions`)
    const question = page.getByRole('article', { name: '过渡期语音播报多久' })
    await question.getByText('南京市').waitFor()
    await question.getByRole('button', { name: '答复问题' }).click()
    form = page.getByRole('form', { name: '答复问题' })
    await form.getByRole('textbox', { name: '答复' }).fill('一般不少于六个月。')
    await form.getByText('公开，供各地参考', { exact: false }).click()
    await form.getByRole('button', { name: '答复问题' }).click()
    await centre.said('答复问题：已完成')
    const ministry = await Person.login('ministry_officer.100101')
    page = ministry.page
    await page.goto(`${base}/console/progress?tab=questions`)
    await page.getByRole('article', { name: '过渡期语音播报多久' }).getByText('一般不少于六个月').waitFor()
    expect(await page.getByRole('article').getByText('南京市').count()).toBe(0)
    await ministry.clean()
  })

  it('a city asks for an exception with papers, and the centre decides it with a number', async () => {
    const admin = await Person.login(`city_admin.${city}`)
    let { page } = admin
    await page.goto(`${base}/console/numbers?tab=exceptions`)
    await page.getByRole('button', { name: '申请例外' }).click()
    let form = page.getByRole('form', { name: '申请例外' })
    await form.getByText('新设号码').click()
    await form.getByLabel('号码', { exact: false }).last().fill('96111')
    await form.getByLabel('申请的名称或用途').fill('防汛值班电话')
    await form.getByLabel('理由').fill('汛期需要单独的值班电话，汛后撤销。')
    await form.getByLabel('文件').fill('市政府请示 | 试政〔2026〕9号')
    await form.getByRole('button', { name: '申请例外' }).click()
    await admin.said('申请例外：已完成')
    const centre = await Person.login('central_admin.000000')
    page = centre.page
    await page.goto(`${base}/console/progress?tab=exceptions`)
    await page.getByRole('button', { name: '审定例外' }).click()
    form = page.getByRole('form', { name: '审定例外' })
    await form.getByText('不同意', { exact: true }).click()
    await form.getByLabel('审定意见').fill('请在 12345 设专席，不单独设号。')
    await form.getByLabel('文号').fill('国办函〔2026〕8号')
    await centre.clean()
    await form.getByRole('button', { name: '审定例外' }).click()
    await centre.said('审定例外：已完成')
    await page.getByText('未批准').waitFor()
  })

  it('省级 sees its own cities and 部委 its own column, and neither what is not theirs', async () => {
    const province = await Person.login('province_admin.100032')
    await province.page.waitForURL('**/console/progress')
    await province.page.getByRole('rowheader', { name: /南京市/ }).waitFor()
    expect(await province.page.getByRole('rowheader').count()).toBe(2)
    const ministry = await Person.login('ministry_officer.100101')
    await ministry.page.getByRole('columnheader', { name: '12331' }).waitFor()
    expect(await ministry.page.getByRole('columnheader', { name: '12366' }).count()).toBe(0)
    await ministry.page.goto(`${base}/console/progress?cell=${city}-12331`)
    await ministry.page.getByText('催办由国务院办公厅和省级管理员办理').waitFor() // what may not be done says why
    expect(await ministry.page.getByRole('button', { name: '催办' }).count()).toBe(0)
    await ministry.settled()
    await ministry.clean()
  })

  it('four hundred cities scroll as easily as twelve: only what is in sight is there', async () => {
    const centre = await Person.login('central_admin.000000')
    const { page } = centre
    await page.route('**/progress:matrix', async (route) => {
      const response = await route.fetch()
      const matrix = (await response.json()) as { rows: { city: string; title: string }[] }
      const rows = Array.from({ length: 400 }, (_, i) => ({ ...matrix.rows[i % matrix.rows.length], city: String(130000 + i), title: `第${i + 1}市` }))
      await route.fulfill({ response, json: { ...matrix, rows } })
    })
    await page.goto(`${base}/console/progress`)
    await page.getByRole('rowheader', { name: '第1市' }).waitFor()
    // What a scroll costs is what it draws: twenty lines down draw twenty lines, and nothing of those that stay.
    const drawn = await page.locator('.grid').evaluate(async (grid) => {
      let lines = 0
      let words = 0
      const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      const watching = new MutationObserver((seen) => {
        for (const m of seen) {
          lines += [...m.addedNodes].filter((n) => n instanceof HTMLElement && n.classList.contains('line')).length
          words += m.type === 'characterData' ? 1 : 0
        }
      })
      grid.scrollTop = 2000
      await frames()
      watching.observe(grid, { childList: true, subtree: true, characterData: true })
      const start = performance.now()
      for (let i = 1; i <= 20; i++) {
        grid.scrollTop = 2000 + i * 34
        await frames()
      }
      watching.disconnect()
      return { lines, words, each: (performance.now() - start) / 20 }
    })
    console.log(`400 × 32: ${await page.locator('.grid .cell').count()} cells in the page, a line further in ${Math.round(drawn.each)} ms`)
    expect(drawn.lines).toBeGreaterThan(0)
    expect(drawn.lines).toBeLessThanOrEqual(25)
    expect(drawn.words).toBe(0)
    await page.locator('.grid').evaluate((g) => { g.scrollTop = g.scrollHeight; g.scrollLeft = g.scrollWidth })
    expect(await page.locator('.grid .cell').count()).toBeLessThan(900)
    await page.getByRole('rowheader', { name: '第400市' }).waitFor()
    await page.locator('.grid').evaluate((g) => { g.scrollTop = 0; g.scrollLeft = 0 })
    await page.getByRole('rowheader', { name: '第1市', exact: false }).first().waitFor()
    await centre.shot('matrix-400')
  })
})

describe('when the line is down', () => {
  it('a list says so and comes back, and what was typed is kept', async () => {
    const centre = await Person.login('central_admin.000000')
    const { page } = centre
    centre.expected.push(/ERR_INTERNET_DISCONNECTED|Failed to fetch/)
    await page.goto(`${base}/console/progress?cell=${city}-12366`)
    await page.getByRole('button', { name: '催办' }).click()
    const form = page.getByRole('form', { name: '催办' })
    await form.getByLabel('催办内容').fill('断网前写下的催办')
    await centre.context.setOffline(true)
    await form.getByRole('button', { name: '催办' }).click()
    await form.getByRole('alert').getByText('保存在本机').waitFor()
    await page.getByRole('link', { name: '统计' }).click()
    await page.getByRole('alert').getByText('网络不通').waitFor()
    await centre.clean()
    await centre.context.setOffline(false)
    await page.getByRole('button', { name: '再试一次' }).click()
    await page.getByRole('table').waitFor()
    await page.goto(`${base}/console/progress?cell=${city}-12366`)
    await page.getByRole('button', { name: '催办' }).click()
    expect(await form.getByLabel('催办内容').inputValue()).toBe('断网前写下的催办')
  })

  it('the rooms work in English and in the dark', async () => {
    const centre = await Person.login('central_admin.000000')
    const { page } = centre
    await page.goto(`${base}/console/me`)
    await page.getByText('深色').click()
    await page.getByText('English').click()
    await page.goto(`${base}/console/progress?cell=${city}-12358`)
    await page.getByRole('article', { name: 'What stands behind it' }).getByText('Evidence:').first().waitFor()
    await centre.clean()
    await centre.shot('matrix-dark')
    await page.goto(`${base}/console/list?tab=compare`)
    await page.locator('tr[data-mark]').first().waitFor()
    await centre.clean()
  })
})

describe('the key of the office', () => {
  it('one proposes a new key, a second person carries it out, and everybody reads which key signs', async () => {
    const one = await Person.login('central_admin.000000')
    let { page } = one
    await page.goto(`${base}/console/list?tab=keys`)
    await page.getByRole('heading', { name: '第 1 把密钥正在签名' }).waitFor()
    await page.getByRole('button', { name: '提议更换密钥' }).click()
    let form = page.getByRole('form', { name: '提议更换密钥' })
    await form.getByText('旧密钥遗失或失控，重立').click()
    await form.getByLabel('原因').fill('密钥介质损坏')
    await one.clean()
    await form.getByRole('button', { name: '提议更换密钥' }).click()
    await one.said('提议更换密钥：已完成')
    await page.getByText('请由另一位同志办理').waitFor()
    expect(await page.getByRole('button', { name: '更换密钥', exact: true }).count()).toBe(0)
    const two = await Person.login('central_admin2.000000')
    page = two.page
    await page.goto(`${base}/console/list?tab=keys`)
    await page.getByRole('button', { name: '更换密钥', exact: true }).click()
    form = page.getByRole('form', { name: '更换密钥' })
    await form.getByText('旧密钥不作保').waitFor()
    await form.getByLabel('请输入新密钥的序号 2 确认').fill('1')
    await form.getByRole('button', { name: '更换密钥' }).click()
    await form.getByText('输入的序号不对').first().waitFor()
    await form.getByLabel('请输入新密钥的序号 2 确认').fill('2')
    await two.clean()
    await two.shot('key-replace')
    await form.getByRole('button', { name: '更换密钥' }).click()
    await page.getByRole('heading', { name: '第 2 把密钥正在签名' }).waitFor()
    await page.getByText('个城市没有确认这把密钥').waitFor()
    await two.settled()
    await two.clean()
    await two.shot('keys')
    const fingerprint = (await page.locator('.spoken').textContent()) ?? ''
    expect(fingerprint.trim()).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/)

    const admin = await Person.login(`city_admin.${city}`)
    page = admin.page
    await page.goto(`${base}/console/list?tab=keys`)
    await page.getByRole('heading', { name: '第 2 把密钥等待本单位确认' }).waitFor()
    expect(await page.getByText(fingerprint.slice(0, 9)).count()).toBe(0) // it comes by telephone, not from the screen
    await page.getByRole('button', { name: '确认密钥' }).click()
    form = page.getByRole('form', { name: '确认密钥' })
    admin.expected.push(/status of 409/)
    await form.getByLabel('电话或公文告知的指纹').fill('0'.repeat(64))
    await form.getByRole('button', { name: '确认密钥' }).click()
    await form.getByRole('alert').getByText('请勿采用').waitFor()
    await admin.clean()
    await admin.shot('key-confirm')
    await form.getByLabel('电话或公文告知的指纹').fill(fingerprint.toUpperCase())
    await form.getByRole('button', { name: '确认密钥' }).click()
    await page.getByRole('heading', { name: '第 2 把密钥正在签名' }).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载第 2 把密钥的更换令' }).click()])
    expect(readFileSync(await file.path(), 'utf8')).toContain('reason=密钥介质损坏')
  })
})

describe('between a city and its province', () => {
  it('the province gives its opinion on an exception, answers what it is asked itself, and a long list comes in pages', async () => {
    const at = `/v1/tenants/${city}`
    await ask(`city_admin.${city}`, 'POST', `${at}/exceptions:apply`, { kind: 'NEW_NUMBER', number: '96112', wanted: '赛事服务热线', words: '重大赛事期间专用，结束即并入。', papers: [{ title: '市政府请示', reference: '试政〔2026〕10号' }] })
    for (let i = 1; i <= 101; i++) await ask(`city_admin.${city}`, 'POST', `${at}/questions:ask`, { title: `第${i}个问题`, words: '分中心的夜间座席怎么安排？', province: true })
    const province = await Person.login('province_admin.100032')
    let { page } = province
    await page.goto(`${base}/console/progress?tab=exceptions`)
    const asked = page.getByRole('article', { name: /96112/ })
    await asked.getByRole('button', { name: '审核例外' }).click()
    let form = page.getByRole('form', { name: '审核例外' })
    await form.getByText('建议批准').click()
    await form.getByLabel('审核意见').fill('情况属实，建议限期一年。')
    await province.clean()
    await form.getByRole('button', { name: '审核例外' }).click()
    await province.said('审核例外：已完成')
    await asked.getByText('情况属实，建议限期一年').waitFor()
    await province.clean()
    await province.shot('opinion')
    await page.goto(`${base}/console/progress?tab=questions`)
    await page.getByRole('article', { name: '第101个问题' }).waitFor()
    expect(await page.getByRole('article', { name: '第1个问题' }).count()).toBe(0)
    await page.getByRole('button', { name: '再看一些' }).click()
    const first = page.getByRole('article', { name: '第1个问题' })
    await first.getByRole('button', { name: '答复问题' }).click()
    form = page.getByRole('form', { name: '答复问题' })
    expect(await form.getByText('是否公开').count()).toBe(0) // the office alone publishes
    await form.getByLabel('答复').fill('由市级统一排班。')
    await form.getByRole('button', { name: '答复问题' }).click()
    await province.said('答复问题：已完成')
    await province.shot('questions')
    const centre = await Person.login('central_admin.000000')
    page = centre.page
    await page.goto(`${base}/console/progress?tab=exceptions`)
    await page.getByRole('article', { name: /96112/ }).getByText('建议批准').waitFor()
    expect(await page.getByText('第1个问题').count()).toBe(0)
  })
})
