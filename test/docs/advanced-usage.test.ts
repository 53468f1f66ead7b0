/** The servers of docs/advanced-usage.md are started as they stand there, and used by a real Chromium. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { filesIn, namesAndSums, sampleFile, sha256, temporaryFolder } from '../browser/e2e-server.ts'
import { dropFiles, has, launchChromium, sentenceOf, watch } from '../browser/support.ts'
import { blocksOf, writeModules } from './blocks.ts'

const blocks = blocksOf('docs/advanced-usage.md')
const modules = writeModules('docs-run', blocks)

let browser: Browser | undefined
let page: Page
let wrong: string[]

beforeAll(async () => {
  if (has.chromium || process.env.CI) browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async context => {
  if (!browser) return context.skip('No Chromium found: install the package chromium.')
  page = await browser.newPage()
  wrong = await watch(page, ['Failed to load resource'])
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

/** Starts the block with this number, and opens its page. */
async function open(number: number, path = '/'): Promise<{ url: string; folder: string }> {
  const port = await freePort()
  const cwd = temporaryFolder()
  const child = spawn(process.execPath, [modules[number] as string], {
    cwd,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  const url = `http://127.0.0.1:${port}`
  for (let left = 100; !(await answers(url)); left--) {
    if (left === 0 || child.exitCode !== null)
      throw new Error(`The server of block ${number} does not answer: ${output}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  await page.goto(url + path)
  await page.locator('.dz-message').waitFor()
  return { url, folder: join(cwd, 'the/path/to/save') }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** A file with the first bytes of a PNG. */
function pngFile(name: string): ReturnType<typeof sampleFile> {
  const bytes = Buffer.from(`89504e470d0a1a0a${'00'.repeat(500)}`, 'hex')
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return { path, name, sha256: sha256(bytes) }
}

const drop = (...files: readonly { readonly path: string }[]) =>
  dropFiles(
    page,
    page.locator('.dz-message'),
    files.map(({ path }) => path),
  )
const kept = (count: number) =>
  page
    .locator('.dz-preview.dz-success')
    .nth(count - 1)
    .waitFor()
const stored = (folder: string) => (existsSync(folder) ? filesIn(folder) : {})

describe('docs/advanced-usage.md', () => {
  it('has four servers under the headings of the original', () => {
    expect(blocks.map(({ language }) => language)).toEqual(['ts', 'ts', 'ts', 'ts'])
  })

  it('Parallel uploads: six files in two requests', async () => {
    const { folder } = await open(0, '/upload')
    let posts = 0
    page.on('request', request => request.method() === 'POST' && posts++)
    const files = Array.from({ length: 6 }, (_, index) => sampleFile(`${index}.bin`, 50_000 + index))
    await drop(...files)
    await kept(6)
    expect(posts).toBe(2)
    expect(filesIn(folder)).toEqual(namesAndSums(files))
  })

  it("CSRF protection: the page's own uploads and forms pass, forged ones do not", async () => {
    const { url, folder } = await open(1)
    const file = sampleFile('own.bin', 50_000)
    await drop(file)
    await kept(1)
    await page.locator('input[name=album]').fill('Tour')
    await Promise.all([
      page.waitForResponse(answer => answer.url().endsWith('/rename') && answer.status() === 303),
      page.getByText('Rename the album').click(),
    ])
    const form = new FormData()
    form.append('file', new Blob(['x']), 'forged.txt')
    for (const [path, body] of [
      ['/rename', new URLSearchParams({ album: 'x' })] as const,
      ['/uploads', form] as const,
    ]) {
      const answer = await fetch(url + path, { method: 'POST', body })
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        400,
        'text/plain; charset=utf-8',
        'The CSRF token is missing.',
      ])
    }
    expect(stored(folder)).toEqual(namesAndSums([file]))
  })

  it('Server side validation: PNG only! below the thumbnail', async () => {
    const { folder } = await open(2)
    const good = pngFile('good.png')
    await drop(good, sampleFile('x.png.exe', 500), sampleFile('no-extension', 500))
    await kept(1)
    expect(await sentenceOf(page, 'x.png.exe')).toBe('PNG only!')
    expect(await sentenceOf(page, 'no-extension')).toBe('PNG only!')
    expect(filesIn(folder)).toEqual(namesAndSums([good]))
  })

  it('Server side validation without a route: by name on the page, by the first bytes on the server', async () => {
    const { folder } = await open(3)
    const good = pngFile('good.png')
    const falsePng = { path: join(temporaryFolder(), 'false.png') }
    writeFileSync(falsePng.path, 'no picture')
    await drop(good, sampleFile('a.txt', 500), falsePng)
    await kept(1)
    expect(await sentenceOf(page, 'a.txt')).toBe('PNG only!')
    expect(await sentenceOf(page, 'false.png')).toBe("The file's content does not match its type.")
    expect(filesIn(folder)).toEqual(namesAndSums([good]))
  })
})
