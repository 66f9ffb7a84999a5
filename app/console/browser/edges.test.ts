// What must not go wrong: crashes, ended sessions, two people at once, hostile words.
import { describe, expect, it } from 'vitest'
import { base, city, file, password, Person } from './people'

describe('nothing is lost', () => {
  it('when the browser is closed in the middle of an intake', async () => {
    const agent = await Person.login(`agent.${city}`)
    await agent.page.getByLabel('诉求原文').fill('说到一半的话，电脑就坏了')
    await agent.page.close()
    const again = await agent.context.newPage()
    await again.goto(`${base}/console/intake`)
    expect(await again.getByLabel('诉求原文').inputValue()).toBe('说到一半的话，电脑就坏了')
  })

  it('when the session ends: the page stays, asks for the password and goes on', async () => {
    const agent = await Person.login(`agent.${city}`)
    agent.expected.push(/status of 401/)
    const { page } = agent
    await page.getByLabel('诉求原文').fill('登录到期前写下的内容')
    await page.evaluate(() => localStorage.setItem('hotline.session', JSON.stringify({ ...JSON.parse(localStorage.getItem('hotline.session') ?? '{}'), access: 'x', refresh: 'x.0123456789abcdef' })))
    await page.getByRole('textbox', { name: '电话' }).fill('13800000032')
    const dialog = page.getByRole('dialog', { name: '登录已到期' })
    await dialog.waitFor()
    await dialog.getByLabel('口令').fill(password)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByLabel('诉求原文').inputValue()).toBe('登录到期前写下的内容')
    await page.getByText('没有查到这个号码的诉求').waitFor()
  })

  it('when two people act on one order: the slower one is told, and keeps what they typed', async () => {
    const agent = await Person.login(`agent.${city}`)
    const number = await file(agent, '两个人同时处理的一件事')
    const one = await Person.login(`dispatcher.${city}`)
    const two = await Person.login(`supervisor.${city}`)
    two.expected.push(/status of 409/)
    await one.order(number)
    await two.order(number)
    const mine = await two.choose('催办')
    await mine.locator('textarea').fill('请尽快派单')
    const form = await one.choose('派单')
    await one.page.locator('.act-form button[type=submit]:focus').waitFor()
    await form.getByRole('button', { name: '派单' }).last().click()
    await one.said('派单：已完成')
    await mine.getByRole('button', { name: '催办' }).last().click()
    await two.page.getByRole('alert').getByText('刚刚被他人更新').waitFor()
    await two.page.getByText('刚刚有人更新了这件工单').waitFor()
    expect(await mine.locator('textarea').inputValue()).toBe('请尽快派单')
    await two.page.getByRole('button', { name: '查看最新' }).click()
    await two.page.locator('.head .tag', { hasText: '待签收' }).waitFor()
    await mine.getByRole('button', { name: '催办' }).last().click()
    await two.said('催办：已完成')
  })
})

describe('hostile words', () => {
  it('stay words, wherever they are shown', async () => {
    const agent = await Person.login(`agent.${city}`)
    const words = '<img src=x onerror="window.owned=1"><script>window.owned=1</script> {{constructor.constructor("window.owned=1")()}}'
    const number = await file(agent, words)
    await agent.order(number, 'all')
    await agent.page.getByText('onerror=').first().waitFor()
    expect(await agent.page.evaluate(() => (window as unknown as { owned?: number }).owned)).toBeUndefined()
  })

  it('in the address lead nowhere else', async () => {
    const person = await Person.come('clicker')
    await person.page.goto(`${base}/console/login?to=//evil.example/x`)
    await person.enter(`agent.${city}`, password)
    await person.page.waitForURL((u) => !u.pathname.endsWith('/login'))
    expect(person.page.url().startsWith(`${base}/console/`)).toBe(true)
  })
})

describe('signing out', () => {
  it('leaves nothing on the machine', async () => {
    const agent = await Person.login(`agent.${city}`)
    await agent.page.getByLabel('诉求原文').fill('不该留下的草稿')
    await agent.page.getByRole('button', { name: '退出' }).click()
    await agent.page.waitForURL('**/console/login')
    const left = await agent.page.evaluate(() => Object.keys(localStorage).filter((k) => k.includes('session') || k.includes('draft')))
    expect(left).toEqual([])
    await agent.page.goto(`${base}/console/intake`)
    await agent.page.waitForURL('**/console/login**')
  })
})
