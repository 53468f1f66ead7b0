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
