import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type PageServer, pageOf, startPageServer } from './page-server.ts'
import { chooseFiles, has, launchFirefox } from './support.ts'

let browser: Browser | undefined
let server: PageServer

beforeAll(async () => {
  server = await startPageServer()
  if (has.firefox) browser = await launchFirefox()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

it.skipIf(!has.firefox)('a refusal of the server, and of the page, is text in the page in Firefox too', async () => {
  const page = await (browser as Browser).newPage()
  server.answer = () => ({ status: 413, body: 'File is too big (12 MiB). Max filesize: 10 MiB.' })
  server.show(pageOf({ policy: { accept: '.txt' } }).dropArea())
  await page.goto(server.origin)
  await page.locator('.dz-message').waitFor()
  await chooseFiles(page, [
    { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
    { name: 'b.exe', mimeType: '', buffer: Buffer.from('x') },
  ])
  const sentences = page.locator('[data-dz-errormessage]')
  await expect
    .poll(() => sentences.allTextContents())
    .toEqual(['File is too big (12 MiB). Max filesize: 10 MiB.', 'This file type is not allowed.'])
  for (const sentence of await sentences.all()) {
    expect(await sentence.evaluate(element => element.checkVisibility({ opacityProperty: true }))).toBe(true)
    expect((await sentence.boundingBox())?.height).toBeGreaterThan(8)
  }
  await page.close()
})

it.skipIf(!has.firefox)(
  'a form around a drop area waits for its files in Firefox too, and a stale token is mended',
  async () => {
    const page = await (browser as Browser).newPage()
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') })
    const csrf = {
      token: () => 'old',
      url: '/uploads/csrf',
      expiresIn: 3600,
      header: 'X-CSRFToken',
      field: 'csrf_token',
    }
    server.arrived.length = 0
    server.others.set('/uploads/csrf', () => ({
      status: 200,
      type: 'application/json',
      body: '{"csrfToken":"new","expiresIn":3600}',
    }))
    server.answer = ({ url, headers }) => {
      if (url !== '/uploads') return { status: 200, type: 'text/html', body: 'Saved' }
      return headers['x-csrftoken'] === 'new' ? { status: 201 } : { status: 400, body: 'The CSRF token is invalid.' }
    }
    const area = pageOf({ csrf, dropArea: { inForm: true, uploadOnClick: true } }).dropArea()
    server.show(
      `<form action="/album" method="post">${area}<button id="upload" name="go" value="1">Save</button></form>`,
    )
    await page.goto(server.origin)
    await page.locator('.dz-message').waitFor()
    await chooseFiles(page, [file('a.txt'), file('b.txt'), file('c.txt')])
    await page.locator('.dz-preview').nth(2).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved').waitFor()
    const kept = server.arrived.filter(({ url, headers }) => url === '/uploads' && headers['x-csrftoken'] === 'new')
    expect(kept).toHaveLength(3)
    expect(server.arrived.filter(({ url }) => url === '/album').map(({ body }) => body.toString())).toEqual(['go=1'])
    await page.close()
  },
)
