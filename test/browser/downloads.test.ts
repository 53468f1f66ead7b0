/** Threat rows 50 and 51: hostile files run no script from their download URLs, in three real browsers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropgate, type Uploads } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { store } from '../unit/storages/temp-folder.ts'
import { hostileFiles } from './downloads-hostile.ts'
import { type Engine, engines, type Window } from './windows.ts'

const html = { 'Content-Type': 'text/html' }
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
)
/** From the moment a page is loaded: its scripts have run, and what they asked for arrives. */
const settled = 700

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

const waysToGive = [
  ['saved', false],
  ['shown where it may be', true],
] as const

let uploads: Uploads
let server: ReturnType<typeof createServer>
let origin = ''
let shownPage = ''

beforeAll(async () => {
  uploads = dropgate({ storage, downloads: { secret: 'a secret of at least 16 letters' } })
  for (const { name, bytes } of hostileFiles) await store(storage, name, bytes)
  await store(storage, 'dot.png', png)
  await store(storage, 'a.txt', new TextEncoder().encode('Grüße <b>'))
  server = prepareServer(createServer(answer))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server?.closeAllConnections()
  server?.close()
})

describe.each(engines)('a hostile file in $name', ({ name: browser, has, launch }) => {
  const test = it.skipIf(!has && !process.env.CI)
  let engine: Engine | undefined
  let window: Window
  let dialogs = 0

  beforeAll(async () => {
    if (!has && !process.env.CI) return
    engine = await launch()
    window = await engine.open()
  })
  afterAll(async () => {
    await window?.close()
    await engine?.close()
  })

  const show = async (body: string, from = origin) => {
    shownPage = `<!doctype html><title>mine</title><link rel="icon" href="data:,">${body}`
    beacons.clear()
    dialogs = await window.dialogs()
    await window.visit(`${from}/`)
  }
  const titleOf = () => window.run(() => document.title, undefined)
  const expectNothingRan = async () => {
    await sleep(settled)
    expect([[...beacons], (await window.dialogs()) - dialogs]).toEqual([[], 0])
  }

  test('is live: each of the seventeen runs its script where a server is careless', async () => {
    expect(hostileFiles).toHaveLength(17)
    const tags = hostileFiles.map(({ name, careless: { element } }) => {
      return `<${element} src="/careless/${encodeURIComponent(name)}"></${element}>`
    })
    await show(`${tags.join('\n')}<script>new Worker('/careless/gif-script.gif')</script>`)
    const everyOne = [...hostileFiles.map(({ name }) => name), 'gif-script.gif as a worker']
    await expect.poll(() => [...beacons].sort(), { timeout: 10_000 }).toEqual(everyOne.sort())
    await expect.poll(() => window.dialogs(), { timeout: 10_000 }).toBe(dialogs + hostileFiles.length)
    expect(await titleOf()).toBe('owned')
  })

  // Among those that may be shown are enough which are saved; all of them saved is tried in one browser, for time.
  test.each(waysToGive.filter(([, inline]) => inline || browser === 'Chromium'))(
    'runs nothing in any element of a page: %s',
    async (_, inline) => {
      await show(hostileFiles.map(({ name }) => elements(uploads.downloadUrl(name, { inline }))).join('\n'))
      await expectNothingRan()
      expect(await titleOf()).toBe('mine')
    },
  )

  test.each(waysToGive)('runs nothing as a page of its own: %s', async (_, inline) => {
    await show('')
    const shown: string[] = []
    for (const { name } of hostileFiles) {
      if (await window.visit(origin + uploads.downloadUrl(name, { inline }))) shown.push(await titleOf())
    }
    await expectNothingRan()
    expect(shown).not.toContain('owned')
    if (inline) expect(shown.length).toBeGreaterThan(5)
    else expect(shown).toEqual([])
  })

  test('runs nothing in a page of another origin, which may not even embed it', async () => {
    const urls = hostileFiles.map(({ name }) => origin + uploads.downloadUrl(name, { inline: true }))
    await show(urls.map(elements).join('\n'), origin.replace('127.0.0.1', 'localhost'))
    await expectNothingRan()
    expect(await titleOf()).toBe('mine')
  })

  test('beside a harmless one: that can be seen', async () => {
    const widthOfPicture = () => window.run(() => document.images[0]?.naturalWidth, undefined)
    await show(`<img src="${uploads.downloadUrl('dot.png')}">`)
    expect(await widthOfPicture()).toBe(1)
    expect(await window.visit(origin + uploads.downloadUrl('dot.png', { inline: true }))).toBe(true)
    expect(await widthOfPicture()).toBe(1)
    expect(await window.visit(origin + uploads.downloadUrl('a.txt', { inline: true }))).toBe(true)
    expect(await window.run(() => document.body.innerText, undefined)).toBe('Grüße <b>')
  })
})

function answer(req: IncomingMessage, res: ServerResponse): void {
  const [path = '/', query] = (req.url ?? '/').split('?')
  if (path === '/') return void res.writeHead(200, html).end(shownPage)
  if (path.startsWith('/beacon/')) {
    beacons.add(decodeURIComponent(path.slice(8)) + (query === 'worker' ? ' as a worker' : ''))
    return void res.writeHead(204).end()
  }
  const careless = hostileFiles.find(({ name }) => path === `/careless/${encodeURIComponent(name)}`)
  if (careless) return void res.writeHead(200, { 'Content-Type': careless.careless.type }).end(careless.bytes)
  nodeUploads(uploads)(req, res)
}
