/** Dropzone's chunks with our script: three generations, one after another and at once, on lines that break. */
import { randomFillSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, UploadError } from '../../src/index.ts'
import { breakingLine, filesIn, namesAndSums, sampleFile, temporaryFolder } from './e2e-server.ts'
import { openEngine } from './flask-engine.ts'
import { message, open, pageFixture, patient, text } from './page-fixture.ts'
import { type Arrived, pageOf } from './page-server.ts'
import { chooseFiles, has, throttle, useChromium } from './support.ts'

const mebibyte = 1024 ** 2
const versions = [5, 6, 7] as const
const orders = [
  ['one after another', false],
  ['at once', true],
] as const
const cases = versions.flatMap(version => orders.map(([order, parallel]) => [version, order, parallel] as const))

const chromium = useChromium()

interface Opened {
  readonly page: Page
  readonly folder: string
}

/** A page with the real Dropzone of a version, our part, and chunks of 1 MiB. */
async function openChunked(
  version: 5 | 6 | 7,
  dropArea: NonNullable<DropgateOptions['dropArea']>,
  options: Partial<DropgateOptions> = {},
): Promise<Opened> {
  const folder = temporaryFolder()
  const storage = diskStorage(folder)
  const { page } = await openEngine(
    chromium.browser,
    { storage, dropArea: { chunking: true, chunkSize: '1 MiB', ...dropArea }, ...options },
    helpers =>
      helpers.create() +
      helpers.config() +
      helpers.loadJs({ url: `/dropzone-${version}.js` }) +
      '<script>addEventListener("DOMContentLoaded", () => dropgate.configure("myDropzone", { on: { success: (_file, answer) => { window.answer = answer }, error: (_file, sentence) => { (window.errors ??= []).push(sentence) } } }))</script>',
  )
  return { page, folder }
}

const answerOf = (page: Page) => page.evaluate(() => (window as unknown as { answer: unknown }).answer)
const errorsOf = (page: Page) => page.evaluate(() => (window as unknown as { errors?: unknown }).errors ?? [])
const visible = (folder: string) => readdirSync(folder).filter(name => !name.startsWith('.'))

/** A BMP that hardly shrinks when it is compressed. */
function noisyPicture(width: number, height: number): Buffer {
  const bytes = randomFillSync(Buffer.alloc(54 + width * height * 3))
  bytes.fill(0, 0, 54)
  bytes.write('BM', 'latin1')
  for (const [at, value] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [26, 1 + 24 * 0x10000],
    [34, width * height * 3],
  ] as const) {
    bytes.writeUInt32LE(value, at)
  }
  return bytes
}

describe.skipIf(!has.chromium).each(cases)('Dropzone %s, chunks %s', (version, _order, parallelChunkUploads) => {
  it('make one file, and the page is given the answer with it', async () => {
    const { page, folder } = await openChunked(
      version,
      { parallelChunkUploads },
      { csrf: { secret: 'a secret of ours' } },
    )
    const sample = sampleFile('film.bin', 5.5 * mebibyte)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success').waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(await answerOf(page)).toMatchObject({ files: [{ name: 'film.bin', size: 5.5 * mebibyte }] })
  })

  it('survive a slow line that breaks again and again', async () => {
    const dropArea = { parallelChunkUploads, parallelUploads: 2, retryChunks: true, retryChunksLimit: 9 }
    const { page, folder } = await openChunked(version, dropArea)
    await page.goto(await breakingLine(Number(new URL(page.url()).port), 2.4 * mebibyte))
    await throttle(page, 8 * mebibyte)
    const sample = sampleFile('film.bin', 7 * mebibyte)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success, .dz-error').waitFor({ timeout: 60_000 })
    expect(await errorsOf(page)).toEqual([])
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(await answerOf(page)).toMatchObject({ files: [{ name: 'film.bin' }] })
  }, 90_000)

  it('outlive their token: a fresh one is fetched in the middle of the file, unseen', async () => {
    let now = Date.now()
    const { page, folder } = await openChunked(
      version,
      { parallelChunkUploads },
      { csrf: { secret: 'a secret of ours' }, clock: { now: () => now } },
    )
    const statuses: number[] = []
    page.on('response', response => {
      if (response.request().method() === 'POST') statuses.push(response.status())
      if (statuses.length === 2) now += 2 * 60 * 60_000
    })
    await throttle(page, 8 * mebibyte)
    // More than a browser has connections: Dropzone 5 may send all chunks at once.
    const sample = sampleFile('film.bin', 12 * mebibyte)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success, .dz-error').waitFor()
    expect(await errorsOf(page)).toEqual([])
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(statuses).toContain(400)
    expect(statuses.filter(status => status !== 400)).toHaveLength(12)
  })

  it('of a cancelled file stop, and nothing of it is to be seen', async () => {
    const { page, folder } = await openChunked(version, { parallelChunkUploads, addRemoveLinks: true })
    await throttle(page, 2 * mebibyte)
    await chooseFiles(page, sampleFile('film.bin', 6 * mebibyte).path)
    await expect.poll(() => readdirSync(folder, { recursive: true }).length, patient).toBeGreaterThan(1)
    page.on('dialog', dialog => void dialog.accept())
    await page.getByRole('button', { name: 'Cancel upload film.bin' }).click()
    // From here on: a chunk may begin while the mouse is on its way.
    let begun = 0
    page.on('request', request => void (request.method() === 'POST' && begun++))
    await throttle(page, -1)
    const good = sampleFile('good.bin', 10)
    await chooseFiles(page, good.path)
    await page.locator('.dz-success').waitFor()
    await page.waitForTimeout(500)
    expect(begun).toBe(1)
    expect(visible(folder)).toEqual(['good.bin'])
  })
})

describe.skipIf(!has.chromium).each(versions)('Dropzone %s, chunks', version => {
  it.each([0, 3, mebibyte])('of a small file of %i bytes can be forced', async size => {
    const { page, folder } = await openChunked(version, { forceChunking: true })
    const sample = sampleFile('small.bin', size)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success').waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
  })

  it('trap 9: of a resized picture are put together, though Dropzone announces the size of the original', async () => {
    const { page, folder } = await openChunked(version, { resizeWidth: 700, chunkSize: '256 KiB' })
    await page.evaluate(() => {
      const { append } = FormData.prototype
      const totals = Object.assign(window, { totals: [] as unknown[] }).totals
      FormData.prototype.append = function (name: string, value: string | Blob, ...filename: string[]) {
        if (name === 'dztotalfilesize') totals.push(Number(value))
        Reflect.apply(append, this, [name, value, ...filename])
      }
    })
    const original = noisyPicture(1400, 1000)
    await chooseFiles(page, { name: 'noise.bmp', mimeType: 'image/bmp', buffer: original })
    await page.locator('.dz-success').waitFor()
    const kept = readFileSync(join(folder, 'noise.bmp'))
    expect([kept.toString('latin1', 1, 4), kept.readUInt32BE(16), kept.readUInt32BE(20)]).toEqual(['PNG', 700, 500])
    expect(kept.subarray(-8, -4).toString('latin1')).toBe('IEND')
    const totals = await page.evaluate(() => (window as unknown as { totals: number[] }).totals)
    expect(totals).toEqual(Array(Math.ceil(kept.length / (mebibyte / 4))).fill(original.length))
    expect(totals.length).toBeGreaterThan(1)
    expect(kept.length).not.toBe(original.length)
  })

  it('that are refused are not sent again, and the others are not sent at all', async () => {
    const { page, folder } = await openChunked(
      version,
      { retryChunks: true },
      {
        onUploadCreate: () => {
          throw new UploadError('not-allowed', 'Not today.')
        },
      },
    )
    let begun = 0
    page.on('request', request => void (request.method() === 'POST' && begun++))
    await chooseFiles(page, sampleFile('film.bin', 3 * mebibyte).path)
    await page.locator('.dz-error').waitFor()
    await page.waitForTimeout(1_500)
    expect([begun, await errorsOf(page), visible(folder)]).toEqual([1, ['Not today.'], []])
  })

  it('are sent again when the server has said', async () => {
    const { page, folder } = await openChunked(version, { retryChunks: true })
    const times: number[] = []
    await page.route('**/uploads', async route => {
      times.push(Date.now())
      if (times.length > 1) return route.continue()
      await route.fulfill({ status: 503, headers: { 'retry-after': '3' }, body: 'Busy.' })
    })
    const sample = sampleFile('film.bin', 1.5 * mebibyte)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success').waitFor()
    const [first = 0, second = 0] = times
    expect(second - first).toBeGreaterThanOrEqual(2_900)
    expect(times).toHaveLength(3)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
  })

  it('that always fail are given up after so many tries', async () => {
    const { page } = await openChunked(version, { retryChunks: true, retryChunksLimit: 1 })
    let begun = 0
    await page.route('**/uploads', route => {
      begun++
      return route.fulfill({ status: 500, body: 'Something went wrong on the server.' })
    })
    await chooseFiles(page, sampleFile('film.bin', 3 * mebibyte).path)
    await page.locator('.dz-error').waitFor()
    expect([begun, await errorsOf(page)]).toEqual([2, ['Something went wrong on the server.']])
  })
})

describe.skipIf(!has.chromium)('the answer to a chunk', () => {
  const fixture = pageFixture()
  const json = (files: readonly unknown[]) => ({
    status: 201,
    type: 'application/json',
    body: JSON.stringify({ files }),
  })
  const indexOf = ({ body }: Arrived) => /name="dzchunkindex"\r\n\r\n(\d+)/.exec(body.toString('latin1'))?.[1]

  it('that completed the file is the one that the page is given, whichever came last', async () => {
    fixture.server.answer = upload => json(indexOf(upload) === '1' ? [{ id: 'a', name: 'kept.txt' }] : [])
    const dropArea = { action: '/uploads', chunking: true, chunkSize: 4 }
    const helpers = pageOf({ dropArea })
    await open(fixture, helpers.dropArea())
    await fixture.page.evaluate(() =>
      document.addEventListener('dropzone:success', event =>
        Object.assign(window, { answer: (event as CustomEvent<{ args: unknown[] }>).detail.args[1] }),
      ),
    )
    await chooseFiles(fixture.page, text('a.txt', 'text/plain', '0123456789'))
    await fixture.page.locator('.dz-success').waitFor()
    expect(fixture.server.arrived.map(indexOf)).toEqual(['0', '1', '2'])
    expect(await answerOf(fixture.page)).toEqual({ files: [{ id: 'a', name: 'kept.txt' }] })
  })

  it('that is a refusal is shown as any other', async () => {
    fixture.server.answer = upload => (indexOf(upload) === '1' ? { status: 422, body: 'Not this one.' } : json([]))
    await open(fixture, pageOf({ dropArea: { action: '/uploads', chunking: true, chunkSize: 4 } }).dropArea())
    await chooseFiles(fixture.page, text('a.txt', 'text/plain', '0123456789'))
    await expect.poll(() => message(fixture.page, 'a.txt').textContent(), patient).toBe('Not this one.')
    expect(fixture.server.arrived.map(indexOf)).toEqual(['0', '1'])
  })
})
