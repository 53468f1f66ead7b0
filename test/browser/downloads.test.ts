/** Threat rows 50 and 51: hostile files run no script from their download URLs, in a real Chromium. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dropgate, type Uploads } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { store } from '../unit/storages/temp-folder.ts'
import { hostileFiles } from './downloads-hostile.ts'
import { has, launchChromium } from './support.ts'

const html = { 'Content-Type': 'text/html' }
const storage = memoryStorage()
const beacons = new Set<string>()
/** Every way in which a page can take in a file of its own origin, or of another. */
const elements = (url: string) => `<iframe src="${url}"></iframe>
<iframe sandbox="allow-scripts allow-same-origin allow-modals" src="${url}"></iframe>
<object data="${url}"></object><object data="${url}" type="text/html"></object><embed src="${url}"><embed src="${url}" type="image/svg+xml">
<script src="${url}"></script><script type="module" src="${url}"></script><img src="${url}">
<svg><use href="${url}#a"/></svg><link rel="stylesheet" href="${url}"><video src="${url}"></video>
<script>try { new Worker(${JSON.stringify(url)}) } catch {} fetch(${JSON.stringify(url)}, { method: 'HEAD' })
navigator.serviceWorker?.register(${JSON.stringify(url)}).catch(() => {})</script>`

let browser: Browser | undefined
let uploads: Uploads
let server: ReturnType<typeof createServer>
let origin = ''
let dialogs: string[] = []

describe.skipIf(!has.chromium && !process.env.CI)('a hostile file', () => {
  beforeAll(async () => {
    uploads = dropgate({ storage, downloads: { secret: 'a secret of at least 16 letters' } })
    for (const { name, bytes } of hostileFiles) await store(storage, name, bytes)
    server = prepareServer(createServer(answer))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
  })
  afterEach(() => beacons.clear())

  it('is live: each of the seventeen runs its script where a server is careless', async () => {
    expect(hostileFiles).toHaveLength(17)
    const page = await open()
    const tags = hostileFiles.map(({ name, careless: { element } }) => {
      return `<${element} src="/careless/${encodeURIComponent(name)}"></${element}>`
    })
    await show(page, tags.join('\n'))
    await expect
      .poll(() => [...beacons].sort(), { timeout: 10_000 })
      .toEqual(hostileFiles.map(({ name }) => name).sort())
    expect(await page.title()).toBe('owned')
    await page.close()
  })

  it.each([
    ['saved', false],
    ['shown where it may be', true],
  ])('runs nothing in any element of a page: %s', async (_, inline) => {
    const page = await open()
    await show(page, hostileFiles.map(({ name }) => elements(uploads.downloadUrl(name, { inline }))).join('\n'))
    await page.waitForTimeout(1_500)
    expect([[...beacons], dialogs, await page.title()]).toEqual([[], [], 'mine'])
    await page.close()
  })

  it.each([
    ['saved', false],
    ['shown where it may be', true],
  ])('runs nothing as a page of its own: %s', async (_, inline) => {
    const page = await open()
    let shown = 0
    for (const { name } of hostileFiles) {
      // A download aborts the navigation.
      const answer = await page.goto(origin + uploads.downloadUrl(name, { inline })).catch(() => undefined)
      if (answer) shown++
      await page.waitForTimeout(100)
      expect([[...beacons], dialogs], name).toEqual([[], []])
      expect(await page.title(), name).not.toContain('owned')
    }
    if (inline) expect(shown).toBeGreaterThan(5)
    else expect(shown).toBe(0)
    await page.close()
  })

  it('runs nothing in a page of another origin, which may not even embed it', async () => {
    const page = await open(origin.replace('127.0.0.1', 'localhost'))
    const urls = hostileFiles.map(({ name }) => origin + uploads.downloadUrl(name, { inline: true }))
    await show(page, urls.map(elements).join('\n'))
    await page.waitForTimeout(1_500)
    expect([[...beacons], dialogs, await page.title()]).toEqual([[], [], 'mine'])
    await page.close()
  })
})

it.skipIf(!has.chromium && !process.env.CI)('a harmless picture and a text can be seen all the same', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  )
  const files = memoryStorage()
  await store(files, 'dot.png', png)
  await store(files, 'a.txt', new TextEncoder().encode('Grüße <b>'))
  const own = dropgate({ storage: files, downloads: { secret: 'a secret of at least 16 letters' } })
  const serving = prepareServer(
    createServer((req, res) => {
      if (req.url === '/') res.writeHead(200, html).end(`<img src="${own.downloadUrl('dot.png')}">`)
      else nodeUploads(own)(req, res)
    }),
  )
  await new Promise<void>(resolve => serving.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(serving.address() as AddressInfo).port}`
  const chromium = await launchChromium()
  try {
    const page = await chromium.newPage()
    await page.goto(at)
    expect(await page.locator('img').evaluate(img => (img as HTMLImageElement).naturalWidth)).toBe(1)
    await page.goto(at + own.downloadUrl('dot.png', { inline: true }))
    expect(await page.locator('img').evaluate(img => (img as HTMLImageElement).naturalWidth)).toBe(1)
    await page.goto(at + own.downloadUrl('a.txt', { inline: true }))
    expect(await page.locator('body').innerText()).toBe('Grüße <b>')
  } finally {
    await chromium.close()
    serving.closeAllConnections()
    serving.close()
  }
})

function answer(req: IncomingMessage, res: ServerResponse): void {
  const path = (req.url ?? '/').split('?', 1)[0] as string
  if (path === '/') return void res.writeHead(200, html).end(shownPage)
  if (path.startsWith('/beacon/')) {
    beacons.add(decodeURIComponent(path.slice(8)))
    return void res.writeHead(204).end()
  }
  const careless = hostileFiles.find(({ name }) => path === `/careless/${encodeURIComponent(name)}`)
  if (careless) return void res.writeHead(200, { 'Content-Type': careless.careless.type }).end(careless.bytes)
  nodeUploads(uploads)(req, res)
}

let shownPage = ''

async function open(from = origin): Promise<Page> {
  const page = await (browser as Browser).newPage()
  dialogs = []
  page.on('dialog', dialog => {
    dialogs.push(dialog.message())
    void dialog.dismiss().catch(() => {})
  })
  Object.assign(page, { from })
  return page
}

async function show(page: Page, body: string): Promise<void> {
  shownPage = `<!doctype html><title>mine</title>${body}`
  await page.goto((page as Page & { from: string }).from, { waitUntil: 'domcontentloaded' })
}
