// Above the cities: the national list from a draft to what is in force, the matrix of all cities, a city's register and what citizens see.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
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
    await page.locator('tr[data-mark=changed]', { hasText: '12366' }).getByText('修改').first().waitFor()
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
    await page.locator('tr[data-mark=added]', { hasText: '12399' }).getByText('新增').waitFor()
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
