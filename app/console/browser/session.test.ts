// Whose session it is: two people on one machine, sessions that end, and a line that is down at the start.
import { describe, expect, it } from 'vitest'
import { base, city, password, Person } from './people'

describe('a session on a machine that many use', () => {
  it('is never carried on under another person’s name', async () => {
    const first = await Person.login(`agent.${city}`)
    await first.page.waitForURL('**/console/intake')
    const second = await first.context.newPage()
    await second.goto(`${base}/console/me`)
    await second.getByRole('button', { name: '退出' }).click()
    await second.waitForURL('**/console/login')
    // The first tab covers what it showed, and asks.
    await first.page.getByRole('dialog', { name: '登录已到期' }).waitFor()
    expect(await first.page.locator('#work').isVisible()).toBe(false)
    await second.fill('input[name=username]', `supervisor.${city}`)
    await second.fill('input[name=password]', password)
    await second.keyboard.press('Enter')
    await second.waitForURL((u) => !u.pathname.endsWith('/login'))
    // The first tab is the second person's by now, and says so.
    await first.page.locator('.who', { hasText: '督办员' }).waitFor()
    expect(await first.page.locator('.who', { hasText: '话务员' }).count()).toBe(0)
    await second.close()
  })

  it('that ended overnight leads to the login page', async () => {
    const person = await Person.login(`agent.${city}`)
    person.expected.push(/status of 40[01]/)
    await person.page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('hotline.session') ?? '{}') as Record<string, unknown>
      localStorage.setItem('hotline.session', JSON.stringify({ ...kept, access: 'old', refresh: 'old' }))
    })
    await person.page.goto(`${base}/console/intake`)
    await person.page.waitForURL('**/console/login**')
    await person.page.getByLabel('口令').waitFor()
  })

  it('that ended lets somebody else sign in', async () => {
    const person = await Person.login(`agent.${city}`)
    person.expected.push(/status of 40[01]/)
    await person.page.waitForURL('**/console/intake')
    await person.page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('hotline.session') ?? '{}') as Record<string, unknown>
      localStorage.setItem('hotline.session', JSON.stringify({ ...kept, access: 'old', refresh: 'old' }))
    })
    await person.page.getByRole('link', { name: '全部工单' }).dispatchEvent('click') // another call may have asked for the password already, over the link
    const dialog = person.page.getByRole('dialog', { name: '登录已到期' })
    await dialog.getByRole('button', { name: '换人登录' }).click()
    await person.page.waitForURL('**/console/login')
  })

  it('waits while the line is down, and is still there when it is back', async () => {
    const person = await Person.login(`agent.${city}`)
    person.expected.push(/ERR_FAILED|Failed to load/)
    await person.page.waitForURL('**/console/intake')
    await person.page.route('**/v1/**', (r) => r.abort())
    await person.page.goto(`${base}/console/intake`)
    await person.page.getByRole('alert').getByText('网络不通').waitFor()
    await person.page.unroute('**/v1/**')
    await person.page.getByRole('button', { name: '再试一次' }).click()
    await person.page.waitForURL('**/console/intake')
  })
})
