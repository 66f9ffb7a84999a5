// What happens while somebody watches: changes come by themselves, and people on one order see each other.
import { describe, expect, it } from 'vitest'
import { city, file, Person } from './people'

describe('two people on one order', () => {
  it('see each other, and the second learns of what the first did without asking', async () => {
    const number = await file(await Person.login(`agent.${city}`), '两个人一起看着的一件事', '13800000041')
    const one = await Person.login(`dispatcher.${city}`)
    await one.order(number, 'dispatch')
    const two = await Person.login(`supervisor.${city}`)
    await two.order(number, 'all')
    await one.page.locator('.present', { hasText: `supervisor.${city}` }).waitFor()
    await two.page.locator('.present', { hasText: `dispatcher.${city}` }).waitFor()

    const form = await two.choose('催办')
    await form.locator('textarea').fill('请今天派出')
    await form.getByRole('button', { name: '催办' }).last().click()
    await two.said('催办：已完成')
    await one.page.getByText('刚刚有人更新了这件工单').waitFor()
    expect(await two.page.getByText('刚刚有人更新了这件工单').count()).toBe(0)
    await one.page.getByRole('button', { name: '查看最新' }).click()
    await one.page.locator('.timeline', { hasText: '催办' }).waitFor()

    await two.page.goto('about:blank')
    await one.page.locator('.present').waitFor({ state: 'detached' })
  })
})
