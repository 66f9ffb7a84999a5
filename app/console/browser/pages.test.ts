// Every page, for everybody who has it: no serious barrier, nothing over the edge on a phone or at 200 %, in the dark as well.
import { it } from 'vitest'
import { base, city, Person } from './people'

const pages: Record<string, string[]> = {
  agent: ['/intake', '/search', '/applications', '/clusters', '/orders?queue=all', '/me'],
  supervisor: ['/board', '/overdue', '/orders?queue=overdue', '/orders?queue=all', '/readings'],
  dispatcher: ['/orders?queue=dispatch', '/applications', '/transfers', '/transfers?direction=in', '/transfers?tab=rules', '/transfers?tab=aids', '/numbers?tab=dial'],
  city_admin: ['/people', '/units', '/categories', '/catalogue', '/rules', '/privacy', '/records', '/numbers', '/numbers/12358', '/numbers?tab=urges', '/numbers?tab=questions', '/numbers?tab=exceptions', '/list', '/list?tab=compare'],
  auditor: ['/readings', '/records', '/people'],
  u02: ['/orders?queue=sign', '/orders?queue=handle', '/applications', '/me'],
  'lead.u02': ['/orders?queue=sign', '/board'],
  reviewer: ['/orders?queue=review', '/applications'],
  callback_agent: ['/orders?queue=callback', '/orders?queue=held'],
  adjudicator: ['/orders?queue=adjudicate', '/applications'],
  expert: ['/orders?queue=all'],
  quality_inspector: ['/orders?queue=all'],
}
// Places above the cities.
const above: Record<string, string[]> = {
  'regional_coordinator.100001': ['/transfers', '/transfers?tab=rules', '/progress'],
  'central_admin.000000': ['/progress', '/progress?cell=110000-12358', '/progress?tab=statistics', '/progress?tab=acknowledgements', '/progress?tab=urges', '/progress?tab=questions', '/progress?tab=exceptions', '/list', '/list?tab=drafts', '/list?tab=compare'],
  'province_admin.100032': ['/progress', '/list'],
  'ministry_officer.100101': ['/progress', '/progress?tab=questions'],
}

// visit opens one page after the other.
async function visit(login: string, paths: string[], size: { width: number; height: number }, look: (person: Person) => Promise<void>) {
  const person = await Person.login(login, size)
  for (const path of paths) {
    await person.page.goto(`${base}/console${path}`)
    await person.settled()
    await look(person)
  }
}

// Most of a visit is waiting for the page to come to rest: the three go side by side.
it.each([...Object.entries(pages).map(([role, paths]) => [`${role}.${city}`, paths] as const), ...Object.entries(above)])('%s finds no barrier, and sees all of it at a width of 360 and at 200 %', async (login, paths) => {
  await Promise.all([
    visit(login, paths, { width: 1440, height: 900 }, (p) => p.clean()),
    visit(login, paths, { width: 360, height: 740 }, (p) => p.fits()),
    visit(login, paths, { width: 720, height: 450 }, (p) => p.fits()),
  ])
})

it('works in the dark and in English', async () => {
  const person = await Person.login(`supervisor.${city}`)
  const { page } = person
  await page.goto(`${base}/console/me`)
  await page.getByText('深色').click()
  await page.getByText('English').click()
  await page.getByRole('heading', { name: 'Change password' }).waitFor()
  await person.clean()
  await page.goto(`${base}/console/orders?queue=all`)
  await page.getByRole('heading', { name: 'All orders' }).waitFor()
  await page.locator('.row').first().waitFor() // a key before the list is there finds nothing to move to
  await person.settled()
  await page.keyboard.press('j')
  await page.locator('article.order h2').waitFor()
  await person.clean()
  await person.shot('dark')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await person.clean()
})

it('keeps the language that was chosen, though somebody goes on before its words have come', async () => {
  const person = await Person.login(`supervisor.${city}`)
  const { page } = person
  await page.goto(`${base}/console/me`)
  const words = /\/en-[^/]*\.js$/
  await page.route(words, () => undefined)
  await Promise.all([page.waitForRequest(words), page.getByText('English').click()])
  await page.unroute(words)
  await page.goto(`${base}/console/orders?queue=all`)
  await page.getByRole('heading', { name: 'All orders' }).waitFor()
})

it('finds an order from anywhere by its number', async () => {
  const person = await Person.login(`supervisor.${city}`)
  const { page } = person
  await page.goto(`${base}/console/orders?queue=all`)
  const number = (await page.locator('.row').first().getAttribute('href'))?.match(/\d{24}/)?.[0] ?? ''
  await page.goto(`${base}/console/readings`)
  await page.getByRole('heading', { name: '查看留痕' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type(number)
  await page.getByRole('dialog').getByRole('option', { name: new RegExp(number) }).waitFor()
  await person.clean()
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/orders/${number}**`)
})
