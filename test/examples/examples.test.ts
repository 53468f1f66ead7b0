/** Each example is started and used by a real Chromium, down to the bytes on the disk. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { filesIn, largeFile, namesAndSums, type Sample, sampleFile, temporaryFolder } from '../browser/e2e-server.ts'
import {
  chooseFiles,
  dropFiles,
  has,
  launchChromium,
  letTheServerCheck,
  sentenceOf,
  watch,
} from '../browser/support.ts'
import { type Example, startExample } from './run.ts'

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
  // What a browser says of each refused request; a refusal is not the page's mistake.
  wrong = await watch(page, ['Failed to load resource'])
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

/** Starts an example and opens its page. */
async function open(name: string, env?: Readonly<Record<string, string>>): Promise<Example> {
  const example = await startExample(name, env)
  await page.goto(example.url)
  await page.locator('.dz-message').first().waitFor()
  return example
}

function samples(count: number, extension: string): Sample[] {
  const folder = temporaryFolder()
  return Array.from({ length: count }, (_, index) =>
    sampleFile(`sample-${index}${extension}`, 70_001 * (index + 1), folder),
  )
}

const paths = (files: readonly Sample[]) => files.map(({ path }) => path)

async function kept(count: number): Promise<void> {
  await page
    .locator('.dz-preview.dz-success')
    .nth(count - 1)
    .waitFor()
}

/** Long enough for a request that must not come. */
const settle = () => page.waitForTimeout(400)

/** Counts the requests of one method to one path. */
function requests(method: string, path: string): () => number {
  let count = 0
  page.on('request', request => {
    if (request.method() === method && new URL(request.url()).pathname === path) count++
  })
  return () => count
}

describe('the example', () => {
  it('basic takes what is dropped', async () => {
    const { folder } = await open('basic')
    const files = samples(3, '.png')
    await dropFiles(page, page.locator('.dz-message'), paths(files))
    await kept(3)
    expect(filesIn(folder)).toEqual(namesAndSums(files))
    for (const tag of ['meta[name=viewport]', 'meta[name=color-scheme]', 'html[lang]', 'title']) {
      expect(await page.locator(tag).count()).toBe(1)
    }
  })

  it('click-upload sends all five files on one click, and none before', async () => {
    const { folder } = await open('click-upload')
    const posts = requests('POST', '/uploads')
    const files = samples(5, '.bin')
    await dropFiles(page, page.locator('.dz-message'), paths(files))
    await page.locator('.dz-preview').nth(4).waitFor()
    await settle()
    expect(posts()).toBe(0)
    await page.locator('#upload').click()
    await kept(5)
    expect(filesIn(folder)).toEqual(namesAndSums(files))
  })

  it('complete-redirect goes on only when every file was kept', async () => {
    const { folder, url } = await open('complete-redirect')
    const [refused] = samples(1, '.txt')
    const files = samples(2, '.png')
    await letTheServerCheck(page)
    await dropFiles(page, page.locator('.dz-message'), [...paths(files), (refused as Sample).path])
    await kept(2)
    expect(await sentenceOf(page, 'sample-0.txt')).toBe('This file type is not allowed.')
    await settle()
    expect(page.url()).toBe(url)
    await page.reload()
    const more = sampleFile('more.png', 1000)
    await dropFiles(page, page.locator('.dz-message'), [more.path])
    await page.waitForURL('**/completed')
    expect(filesIn(folder)).toEqual(namesAndSums([...files, more]))
  })

  it('csrf takes uploads and forms of its page, and shows the sentence of a forged one', async () => {
    const { folder, url } = await open('csrf')
    const posts = requests('POST', '/')
    const [file] = samples(1, '.png')
    await dropFiles(page, page.locator('.dz-message'), [(file as Sample).path])
    await kept(1)
    expect(posts()).toBe(1)
    expect(filesIn(folder)).toEqual(namesAndSums([file as Sample]))
    const form = { method: 'POST', body: new URLSearchParams({ album: 'x' }) }
    const forged = await fetch(`${url}rename`, form)
    expect([forged.status, await forged.text()]).toEqual([400, 'The CSRF token is missing.'])
    await page.locator('input[name=album]').fill('Tour')
    await page.locator('form[action="/rename"] button').click()
    await page.locator('h1', { hasText: 'Renamed' }).waitFor()
  })

  it('csrf refuses a token that is none, in the words of the app, on the drop area', async () => {
    const { folder } = await open('csrf')
    // The client script fetches a fresh token unseen: nothing may come of that either.
    await page.route('**/csrf', route => route.abort())
    await page.locator('[data-dropgate]').evaluate(element => {
      const { dropzone } = element as HTMLElement & { dropzone: { on(event: string, listener: unknown): void } }
      dropzone.on('sending', (_: unknown, xhr: XMLHttpRequest) => xhr.setRequestHeader('X-CSRFToken', 'forged'))
    })
    await chooseFiles(page, sampleFile('forged.png', 1000).path)
    expect(await sentenceOf(page, 'forged.png')).toBe('The CSRF token is invalid.')
    expect(existsSync(folder) ? filesIn(folder) : {}).toEqual({})
  })

  it('custom-options shows its texts, style and buttons, and runs its functions', async () => {
    const { folder } = await open('custom-options')
    await page.locator('.dz-message', { hasText: 'Bring your holiday pictures here.' }).waitFor()
    expect(await page.locator('.dropzone').evaluate(element => getComputedStyle(element).borderStyle)).toBe('dotted')
    const file = sampleFile('at the lake.png', 5000)
    await dropFiles(page, page.locator('.dz-message'), [file.path, sampleFile('a.txt', 5).path])
    await kept(1)
    expect(await sentenceOf(page, 'a.txt')).toBe('Only pictures, please.')
    expect(await page.locator('#news').textContent()).toBe('Kept as at-the-lake.png. ')
    expect(filesIn(folder)).toEqual({ 'at-the-lake.png': file.sha256 })
    const asked = new Promise<string>(resolve => {
      page.once('dialog', dialog => {
        resolve(dialog.message())
        void dialog.accept()
      })
    })
    const refused = page.locator('.dz-preview', { hasText: 'a.txt' })
    await refused.locator('.dz-remove', { hasText: 'Take it away' }).click()
    expect(await asked).toBe('Really take it away?')
    await refused.waitFor({ state: 'detached' })
  })

  it('in-form submits once, after the files, with the fields of the form', async () => {
    const { folder, url } = await open('in-form')
    const [posts, submits] = [requests('POST', '/uploads'), requests('POST', '/')]
    const files = samples(3, '.bin')
    await dropFiles(page, page.locator('.dz-message'), paths(files))
    await page.locator('.dz-preview').nth(2).waitFor()
    await page.locator('input[name=album]').fill('Tour & more')
    await page.locator('textarea').fill('Five days')
    await page.locator('#upload').click()
    await page.getByText('The album “Tour & more” was saved.').waitFor()
    await page.getByText('Five days').waitFor()
    expect([posts(), submits()]).toEqual([3, 1])
    expect(filesIn(folder)).toEqual(namesAndSums(files))
    await page.goto(url)
    await page.locator('input[name=album]').fill('No files')
    await page.locator('#upload').click()
    await page.getByText('The album “No files” was saved.').waitFor()
  })

  it('in-form takes the files with the form where there is no script', async () => {
    const { url, folder } = await startExample('in-form')
    const context = await (browser as Browser).newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto(url)
    await plain.locator('input[name=album]').fill('Tour')
    const files = samples(2, '.bin')
    await plain.locator('input[type=file]').setInputFiles(paths(files))
    await plain.locator('#upload').click()
    await plain.getByText('The album “Tour” was saved.').waitFor()
    await context.close()
    expect(filesIn(folder)).toEqual(namesAndSums(files))
  })

  it('large-file takes more than the default limit', async () => {
    const { folder } = await open('large-file')
    const size = 260 * 1024 ** 2 + 17
    const path = largeFile('large.iso', size)
    await dropFiles(page, page.locator('.dz-message'), [path])
    await page.locator('.dz-success').waitFor({ timeout: 60_000 })
    const stored = join(folder, 'large.iso')
    expect(statSync(stored).size).toBe(size)
    expect(await hashOf(stored)).toBe(await hashOf(path))
  }, 90_000)

  it('parallel-upload gets three files in one request', async () => {
    const { folder, output } = await open('parallel-upload')
    const posts = requests('POST', '/')
    const files = samples(6, '.png')
    await dropFiles(page, page.locator('.dz-message'), paths(files))
    await kept(6)
    expect(posts()).toBe(2)
    expect(filesIn(folder)).toEqual(namesAndSums(files))
    const fields = output().match(/^file\[\d\]/gm)
    expect(fields?.sort()).toEqual(['file[0]', 'file[0]', 'file[1]', 'file[1]', 'file[2]', 'file[2]'])
  })

  it('multiple-dropzone holds each area to its own types, on the page and on the server', async () => {
    const { folder } = await open('multiple-dropzone')
    const [photo, paper] = [sampleFile('photo.png', 3000), sampleFile('paper.txt', 3000)]
    const area = (id: string) => page.locator(`[id="${id}"]`)
    await dropFiles(page, area('photos').locator('.dz-message'), [photo.path, paper.path])
    await area('photos').locator('.dz-success').waitFor()
    expect(await sentenceOf(page, 'paper.txt')).toBe('This file type is not allowed.')
    await dropFiles(page, area('papers').locator('.dz-message'), [paper.path])
    await area('papers').locator('.dz-success').waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums([photo, paper]))

    await page.reload()
    await area('papers').evaluate(element => {
      const { dropzone } = element as HTMLElement & { dropzone: { options: object } }
      Object.assign(dropzone.options, { acceptedFiles: null })
    })
    const other = sampleFile('other.png', 3000)
    const answer = page.waitForResponse(response => response.request().method() === 'POST')
    await dropFiles(page, area('papers').locator('.dz-message'), [other.path])
    expect((await answer).status()).toBe(415)
    expect(await sentenceOf(page, 'other.png')).toBe('This file type is not allowed.')
    expect(filesIn(folder)).toEqual(namesAndSums([photo, paper]))
  })
})

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
