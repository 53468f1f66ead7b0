import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildClient } from '../../scripts/build-client.mjs'
import { dropgate, type Uploads } from '../../src/index.ts'
import { type MemoryStorage, memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { strictPolicy } from './page-server.ts'
import { chooseFiles, has, launchChromium, launchFirefox } from './support.ts'

let storage: MemoryStorage
let uploads: Uploads
let server: Server
let origin: string

beforeAll(() => buildClient().then(() => undefined))
beforeEach(async () => {
  storage = memoryStorage()
  uploads = dropgate({ storage, policy: { accept: ['.txt', 'image/*'], maxFileSize: '4 MiB' }, log: () => {} })
  const handle = nodeUploads(uploads)
  const html = `<!doctype html><title>Page</title>${uploads.pageSync({ method: 'GET', url: '/', headers: new Headers(), body: null }).dropArea()}`
  server = prepareServer(
    createServer((request, response) => {
      if (request.url !== '/') return void handle(request, response)
      response.setHeader('content-security-policy', strictPolicy)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(html)
    }),
  )
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const file = (name: string, bytes = 10, mimeType = 'text/plain') => ({
  name,
  mimeType,
  buffer: Buffer.alloc(bytes, 'x'),
})

async function stored(): Promise<string[]> {
  const names: string[] = []
  for await (const { name, size } of await storage.list()) names.push(`${name} ${size}`)
  return names.sort()
}

/** Switches the page's own checks off, so that the server has to refuse. */
const trustPage = (page: Page) =>
  page.evaluate(() => {
    type Area = HTMLElement & { dropzone: { options: Record<string, unknown> } }
    const { options } = (document.getElementById('myDropzone') as Area).dropzone
    Object.assign(options, { acceptedFiles: null, maxFilesize: null })
  })

describe.each([
  ['Chromium', has.chromium, launchChromium],
  ['Firefox', has.firefox, launchFirefox],
] as const)('in %s the page and the engine', (_name, there, launch) => {
  let browser: Browser
  let page: Page
  beforeAll(async () => void (there && (browser = await launch())))
  afterAll(() => browser?.close())
  beforeEach(async () => {
    if (!there) return
    page = await browser.newPage()
    await page.goto(origin)
    await page.locator('.dz-message').waitFor()
  })
  afterEach(() => page?.close())

  it.skipIf(!there)('keep twenty files, under the names they had', async () => {
    const names = Array.from({ length: 19 }, (_, n) => `${n}.txt`)
    await chooseFiles(
      page,
      [...names, "Grüße 'n' 🙂 100%.txt"].map((name, n) => file(name, n + 1)),
    )
    await page.locator('.dz-success').nth(19).waitFor()
    expect(await stored()).toEqual([...names.map((name, n) => `${name} ${n + 1}`), "Grüße 'n' 🙂 100%.txt 20"].sort())
  })

  it.skipIf(!there)('refuse a type in the same words, whoever looks first', async () => {
    await chooseFiles(page, file('a.exe'))
    await trustPage(page)
    await chooseFiles(page, file('b.exe'))
    const sentence = 'This file type is not allowed.'
    await expect.poll(() => page.locator('[data-dz-errormessage]').allTextContents()).toEqual([sentence, sentence])
    expect(await stored()).toEqual([])
  })

  it.skipIf(!there)('refuse a size in the same words, with more on its way', async () => {
    await chooseFiles(page, file('a.txt', 6 << 20))
    await trustPage(page)
    await chooseFiles(page, file('b.txt', 6 << 20))
    const sentences = page.locator('[data-dz-errormessage]')
    const sentence = 'File is too big (6 MiB). Max filesize: 4 MiB.'
    await expect.poll(() => sentences.allTextContents(), { timeout: 10_000 }).toEqual([sentence, sentence])
    expect(await sentences.last().evaluate(element => element.checkVisibility({ opacityProperty: true }))).toBe(true)
    expect(await stored()).toEqual([])
  })
})

describe.skipIf(!has.chromium)('without script the page and the engine', () => {
  it('keep the files, and say so or why not', async () => {
    const browser = await launchChromium()
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(origin)
    await page.getByLabel('Choose files').setInputFiles([file('a.txt'), file('b.txt')])
    await page.getByRole('button', { name: 'Upload' }).click()
    await expect.poll(() => page.locator('body').textContent()).toContain('b.txt')
    expect(await stored()).toEqual(['a.txt 10', 'b.txt 10'])
    await page.goto(origin)
    await page.getByLabel('Choose files').setInputFiles([file('c.exe')])
    await page.getByRole('button', { name: 'Upload' }).click()
    await expect.poll(() => page.locator('body').textContent()).toContain('This file type is not allowed.')
    await browser.close()
  })
})
