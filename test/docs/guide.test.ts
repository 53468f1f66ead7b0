/** The scripts of docs/guide.md for the browser do what the page says, under its Content-Security-Policy. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type DropgateOptions, dropgate, type Uploads } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { chooseFiles, has, launchChromium, sentenceOf, watch } from '../browser/support.ts'
import { blocksOf, textOf } from './blocks.ts'
import { serveBlock } from './serve-block.ts'

type Helpers = ReturnType<Uploads['pageSync']>

let browser: Browser | undefined
let page: Page
let wrong: string[]
let logged: string[]

beforeAll(async () => {
  if (has.chromium || process.env.CI) browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async context => {
  if (!browser) return context.skip('No Chromium found: install the package chromium.')
  page = await browser.newPage()
  wrong = await watch(page, ['Failed to load resource'])
  logged = []
  page.on('console', message => message.type() === 'log' && logged.push(message.text()))
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

/** The block of JavaScript in the guide that holds this text. */
function script(part: string): string {
  const found = blocksOf('docs/guide.md').filter(({ language, code }) => language === 'js' && code.includes(part))
  expect(found).toHaveLength(1)
  return found[0]?.code ?? ''
}

/** Serves a page with `/own.js`, and goes there. */
async function open(own: string, body: (helpers: Helpers) => string, options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const albums: string[] = []
  const uploads = dropgate({
    storage,
    onUploadFinish: (_file, { fields }) => void albums.push(fields.get('album') ?? ''),
    ...options,
  })
  const engine = nodeUploads(uploads)
  const posts: string[] = []
  const server = prepareServer(
    createServer(async (req, res) => {
      if (req.url === '/own.js') return void res.writeHead(200, { 'content-type': 'text/javascript' }).end(own)
      if (req.url === '/albums') {
        let text = ''
        for await (const chunk of req) text += chunk
        posts.push(text)
        return void res.end('saved')
      }
      if (req.url !== '/') return void engine(req, res)
      const helpers = await uploads.page({ method: 'GET', url: '/', headers: new Headers(), body: null })
      for (const [name, value] of helpers.headers) res.appendHeader(name, value)
      res.setHeader('content-type', 'text/html; charset=utf-8')
      res.setHeader('content-security-policy', "default-src 'self'; img-src 'self' data:")
      res.end(
        `<!doctype html><title>Page</title><link rel="icon" href="data:,">${body(helpers)}<script src="/own.js" defer></script>`,
      )
    }),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.locator('.dz-message').waitFor()
  return { stored: async () => (await storage.list()).map(file => file.name).sort(), albums, posts }
}

const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('some text') })

describe('docs/guide.md', () => {
  it('functions: the name, the fields, the check and the listeners of the page', async () => {
    const { stored, albums } = await open(script('renameFile'), helpers => helpers.dropArea())
    await chooseFiles(page, [text('a b.txt'), text('x.txt')])
    expect(await sentenceOf(page, 'x.txt')).toBe('No x files.')
    await page.locator('.dz-success').waitFor()
    expect([await stored(), albums]).toEqual([['a-b.txt'], ['7']])
    expect(logged).toContain('all through')
  })

  it('DOM events carry the answer of the server', async () => {
    await open(script('dropzone:success'), helpers => helpers.dropArea())
    await chooseFiles(page, [text('a.txt')])
    await page.locator('.dz-success').waitFor()
    expect(logged).toHaveLength(1)
  })

  it('in a form: the files are named in the form, which is submitted once', async () => {
    const form = textOf('docs/guide.md').match(/^```html\n(<form action="\/albums".*?)^```$/ms)?.[1] ?? ''
    const { stored, posts } = await open(script("type: 'hidden'"), dropzone =>
      form
        .replace(/<%- dropzone\.create\((.*?)\) %>/, () => dropzone.create({ inForm: true }))
        .replace(/<%- dropzone\.config\((.*?)\) %>/, () => dropzone.config({ inForm: true, uploadOnClick: true }))
        .replace(/<%- dropzone\.loadJs\(\) %>/, () => dropzone.loadCss() + dropzone.loadJs()),
    )
    await chooseFiles(page, [text('a.txt'), text('b.txt')])
    await page.locator('.dz-preview').nth(1).waitFor()
    expect(await stored()).toEqual([])
    await page.locator('input[name=album]').fill('Tour')
    await page.locator('button', { hasText: 'Save' }).click()
    await page.getByText('saved').waitFor()
    expect(await stored()).toEqual(['a.txt', 'b.txt'])
    expect(posts).toHaveLength(1)
    expect([...(posts[0] ?? '').matchAll(/name="(\w+)"\r\n\r\n(.*)\r\n/g)].map(match => match.slice(1)).sort()).toEqual(
      [
        ['album', 'Tour'],
        ['photo', 'a.txt'],
        ['photo', 'b.txt'],
      ],
    )
  })

  it('delete: a click on the button asks, and deletes on the server', async () => {
    const { stored } = await open('', helpers => helpers.dropArea(), {
      csrf: { secret: 'a secret of sixteen letters' },
      dropArea: { deleteOnRemove: true },
      messages: { removeConfirmation: 'Delete this file?' },
    })
    await chooseFiles(page, [text('a.txt')])
    await page.locator('.dz-success').waitFor()
    expect(await stored()).toEqual(['a.txt'])
    page.once('dialog', dialog => void dialog.accept())
    const deleted = page.waitForResponse(answer => answer.request().method() === 'DELETE')
    await page.locator('.dz-remove').click()
    expect((await deleted).status()).toBe(204)
    expect(await stored()).toEqual([])
  })
})

describe('the servers of docs/guide.md', () => {
  const namesAt = async (origin: string) => (await fetch(`${origin}/names`)).json()

  it('several areas: each is held to its own types', async () => {
    const origin = await serveBlock("app.get('/both'")
    await page.goto(`${origin}/both`)
    await page.locator('#papers .dz-message', { hasText: 'Papers' }).waitFor()
    await chooseFiles(page, [{ name: 'b.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') }], 1)
    await page.locator('#papers .dz-success').waitFor()
    await chooseFiles(page, [text('a.txt')], 0)
    expect(await sentenceOf(page, 'a.txt')).toBe('This file type is not allowed.')
    expect(await namesAt(origin)).toEqual(['b.pdf'])
  })

  it('code in templates runs with its nonce, and the policy of the page lets nothing else run', async () => {
    const origin = await serveBlock("app.get('/inline'")
    await page.goto(`${origin}/inline`)
    await chooseFiles(page, [text('a.txt')])
    await page.locator('.dz-success').waitFor()
    expect(await page.title()).toBe('Upload!')
    const width = await page.locator('[data-dropgate]').evaluate(element => {
      return (element as HTMLElement & { dropzone: { options: { thumbnailWidth: number } } }).dropzone.options
        .thumbnailWidth
    })
    expect(width).toBe(200)
  })

  it('a session of the app: its token is good for it, and for no other', async () => {
    const origin = await serveBlock('express-session', 'itself')
    await page.goto(`${origin}/page`)
    await chooseFiles(page, [text('a.txt')])
    await page.locator('.dz-success').waitFor()
    expect(await namesAt(origin)).toEqual(['a.txt'])
    const token = await page.locator('input[name=csrf_token]').count()
    expect(token).toBe(0) // Dropzone has taken the plain form out.
    const { csrfToken } = (await (await fetch(`${origin}/uploads/csrf`)).json()) as { csrfToken: string }
    const body = new FormData()
    body.append('file', new Blob(['x']), 'x.txt')
    const answer = await fetch(`${origin}/uploads`, { method: 'POST', body, headers: { 'X-CSRFToken': csrfToken } })
    expect([answer.status, await answer.text()]).toEqual([400, 'The CSRF tokens do not match.'])
  })
})

describe('docs/options.md', () => {
  it('gives the defaults of a drop area that runs', async () => {
    await open('', helpers => helpers.dropArea())
    const running = await page.locator('[data-dropgate]').evaluate(element => {
      const { dropzone } = element as HTMLElement & { dropzone: { options: Record<string, unknown> } }
      const options = JSON.parse(JSON.stringify(dropzone.options)) as Record<string, unknown>
      // Dropzone writes it in capitals.
      return { ...options, method: String(options.method).toLowerCase() } as Record<string, unknown>
    })
    const table = textOf('docs/options.md').split('## `dropArea`')[1]?.split('\n## ')[0] ?? ''
    const said = [...table.matchAll(/^\| `(\w+)` \|.*? \| `([^`]+)` \| /gm)].map(([, name = '', standard = '']) => {
      return [name, /^[\d'tfn]/.test(standard) ? JSON.parse(standard.replaceAll("'", '"')) : standard] as const
    })
    const known = said.filter(([name]) => name in running)
    expect(known.length).toBeGreaterThan(20)
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(known.map(([name]) => [name, running[name]])))
  })
})
