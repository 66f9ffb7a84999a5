// Citizens on a weak phone: three steps, nothing lost, large text.
import { describe, expect, it } from 'vitest'
import { base, city, Person } from './people'

const phone = { width: 360, height: 740 }

describe('群众', () => {
  it('files a request in three steps, follows it, adds to it and urges', async () => {
    const citizen = await Person.come('citizen', phone)
    const { page } = citizen
    await page.goto(`${base}/`)
    await page.getByRole('button', { name: '杭州市' }).click()
    await citizen.fits()
    await citizen.clean()
    await page.getByRole('link', { name: /提交诉求/ }).click()
    await page.getByText('求助', { exact: true }).click()
    await page.getByLabel('发生了什么，希望怎样解决').fill('小区门口路灯坏了三天，晚上看不见路，希望尽快修好。')
    await citizen.fits()
    await citizen.clean()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('区县').fill('西湖区')
    await page.getByLabel('具体地点').fill('文一路 1 号门口')
    await citizen.clean()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('请填写手机号码').waitFor() // what is missing is said at the field
    await page.getByLabel('手机号码').fill('13800000018')
    await citizen.clean()
    await citizen.shot('citizen')
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByRole('heading', { name: '已收到您的诉求' }).waitFor()
    await citizen.fits()
    await citizen.clean()
    const [number, code] = await page.locator('.code').allTextContents()
    expect(number).toMatch(/^330100\d{18}$/)
    expect(code).not.toBe('')
    await page.getByRole('link', { name: '查看进度' }).click()
    await page.getByRole('heading', { name: /路灯坏了三天/ }).waitFor()
    await citizen.clean()
    // Until when the unit answers is not known before it has the order: nothing is promised.
    expect(await page.locator('article').textContent()).not.toContain('答复您')
    await page.getByRole('button', { name: '补充情况' }).click()
    await page.getByLabel('要补充什么').fill('昨晚有老人摔倒了。')
    await page.getByRole('button', { name: '补充情况' }).click()
    await page.getByText('已收到', { exact: true }).waitFor()
    await page.getByRole('button', { name: '催一催' }).click()
    await page.getByRole('button', { name: '催一催' }).click()
    await page.getByText('已收到', { exact: true }).waitFor()
    await page.locator('.steps', { hasText: '您催办（第1次）' }).waitFor()
  })

  it('sends a photo as large as cameras make them, made smaller on the way', async () => {
    const citizen = await Person.come('citizen', phone)
    const { page } = citizen
    await page.goto(`${base}/file?city=${city}`)
    await page.getByText('求助', { exact: true }).click()
    await page.getByLabel('发生了什么，希望怎样解决').fill('窨井盖翘起来了，骑车容易摔倒。')
    // Noise of 900 by 900 pixels: more than two megabytes that no format without loss can hold in less.
    const picture = Buffer.from(await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(900, 900)
      const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
      const image = context.createImageData(900, 900)
      for (let i = 0; i < image.data.length; i += 65536) crypto.getRandomValues(image.data.subarray(i, i + 65536))
      for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255
      context.putImageData(image, 0, 0)
      const reader = new FileReader()
      reader.readAsDataURL(await canvas.convertToBlob({ type: 'image/png' }))
      await new Promise((done) => { reader.onload = done })
      return String(reader.result).replace(/^[^,]*,/, '')
    }), 'base64')
    expect(picture.length).toBeGreaterThan(2_000_000)
    await page.locator('input[type=file]').setInputFiles({ name: 'IMG_0001.png', mimeType: 'image/png', buffer: picture })
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('手机号码').fill('13800000020')
    const sent = page.waitForRequest('**:addFile')
    await page.getByRole('button', { name: '提交' }).click()
    expect((await sent).postDataJSON().content.length).toBeLessThan(picture.length)
    await page.getByText('照片已上传 1 张').waitFor()
  })

  it('loses nothing when the page is closed half way', async () => {
    const citizen = await Person.come('citizen', phone)
    const { page } = citizen
    await page.goto(`${base}/file?city=${city}`)
    await page.getByText('建议', { exact: true }).click()
    await page.getByLabel('发生了什么，希望怎样解决').fill('建议公交站加一张长椅。')
    await page.close()
    const again = await citizen.context.newPage()
    await again.goto(`${base}/file?city=${city}`)
    expect(await again.getByLabel('发生了什么，希望怎样解决').inputValue()).toBe('建议公交站加一张长椅。')
    expect(await again.getByRole('radio', { name: /建议/ }).isChecked()).toBe(true)
  })

  it('may fail on a bad line and press once more, without doubling', async () => {
    const citizen = await Person.come('citizen', phone)
    citizen.expected.push(/ERR_INTERNET_DISCONNECTED/)
    const { page } = citizen
    await page.goto(`${base}/file?city=${city}`)
    await page.getByText('求助', { exact: true }).click()
    await page.getByLabel('发生了什么，希望怎样解决').fill('楼道感应灯坏了，老人上下楼不方便。')
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByLabel('手机号码').fill('13800000019')
    await citizen.context.setOffline(true)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByRole('alert').getByText('网络不通').waitFor()
    await citizen.context.setOffline(false)
    // The next one reaches the program, and the line breaks before the answer comes back.
    let first = ''
    await page.route('**/petitions:submit', async (route) => {
      first = ((await (await route.fetch()).json()) as { petition: { number: string } }).petition.number
      await route.abort('internetdisconnected')
    }, { times: 1 })
    await page.getByRole('button', { name: '提交' }).click()
    await expect.poll(() => first).toMatch(/^330100\d{18}$/)
    await page.getByRole('alert').getByText('网络不通').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByRole('heading', { name: '已收到您的诉求' }).waitFor()
    expect(await page.locator('.code').first().textContent()).toBe(first)
  })

  it('reads in large letters, on a small screen, without losing the edge', async () => {
    const citizen = await Person.come('citizen', phone)
    const { page } = citizen
    await page.goto(`${base}/?city=${city}`)
    await page.getByRole('button', { name: '大字' }).click()
    await citizen.fits()
    for (const path of ['/file', '/follow']) {
      await page.goto(`${base}${path}?city=${city}`)
      await page.locator('h1').waitFor()
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('22px')
      await citizen.fits()
    }
  })

  it('guesses nobody’s code', async () => {
    const stranger = await Person.come('stranger')
    stranger.expected.push(/status of 404/)
    const { page } = stranger
    await page.goto(`${base}/follow?city=${city}`)
    await page.getByLabel('24 位编号').fill(`${city}202611230100000001`)
    await page.getByLabel('查询码').fill('ABCDEF')
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByRole('alert').getByText('号码或查询码不对').waitFor()
  })
})
