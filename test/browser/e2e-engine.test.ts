/** Refusals and the wire options of the page, in a real Chromium against the engine on the disk. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UploadError } from '../../src/index.ts'
import { breakingLine, filesIn, largeFile, namesAndSums, sampleFile, startEngine, temporariesIn } from './e2e-server.ts'
import {
  chooseFiles,
  dropFiles,
  has,
  launchChromium,
  letTheServerCheck,
  sentenceOf,
  throttle,
  watch,
} from './support.ts'

const mebibyte = 1024 ** 2

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
  // Chromium itself writes a line for every answer from 400 on and for a broken line.
  wrong = await watch(page, ['Failed to load resource'])
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

async function open(url: string): Promise<void> {
  await page.goto(url)
  await page.locator('.dz-message').waitFor()
}

/** Nothing is kept, and what had come is gone. */
async function expectNothingLeft(folder: string): Promise<void> {
  await expect.poll(() => temporariesIn(folder)).toEqual([])
  expect(filesIn(folder)).toEqual({})
}

describe('a refusal of the server', () => {
  it('of a type is read on the drop area, and the next file is kept', async () => {
    const { url, folder, answers } = await startEngine({ policy: { accept: ['image/*', '.pdf'] } })
    await open(url)
    await letTheServerCheck(page)
    const good = sampleFile('good.pdf', 5_000)
    await dropFiles(page, page.locator('[data-dropgate]'), [sampleFile('tool.exe', 2_000_000).path, good.path])
    expect(await sentenceOf(page, 'tool.exe')).toBe('This file type is not allowed.')
    await page.locator('.dz-success').waitFor()
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 415])
    expect(temporariesIn(folder)).toEqual([])
    expect(filesIn(folder)).toEqual(namesAndSums([good]))
  })

  it('in the middle of 48 MiB on a slow line is read on the drop area, and was given before 8 MiB were read', async () => {
    const { url, folder, answers } = await startEngine({ policy: { maxFileSize: '4 MiB' } })
    await open(url)
    await letTheServerCheck(page)
    await throttle(page, 10_000_000)
    await chooseFiles(page, largeFile('film.mkv', 48 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (48 MiB). Max filesize: 4 MiB.')
    expect(answers).toMatchObject([{ status: 413 }])
    expect(answers[0]?.read).toBeGreaterThan(4 * mebibyte)
    expect(answers[0]?.read).toBeLessThan(8 * mebibyte)
    await expectNothingLeft(folder)
    await throttle(page, -1)
    const good = sampleFile('good.bin', 4 * mebibyte)
    await chooseFiles(page, good.path)
    await page.locator('.dz-success').waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums([good]))
  })

  it('by the announced length alone is read on the drop area, and costs next to no reading', async () => {
    const { url, folder, answers } = await startEngine({ policy: { maxFileSize: '4 MiB', maxFiles: 1 } })
    await open(url)
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('film.mkv', 48 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (48 MiB). Max filesize: 4 MiB.')
    expect(answers[0]?.read).toBeLessThan(mebibyte)
    await expectNothingLeft(folder)
  })

  it('by an own check is read in its own words', async () => {
    const { url, folder } = await startEngine({
      validate: file => {
        if (file.head[0] !== 0x89) throw new UploadError('type-not-allowed', 'PNG only, "please" <b>!')
      },
    })
    await open(url)
    await chooseFiles(page, { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') })
    expect(await sentenceOf(page, 'fake.png')).toBe('PNG only, "please" <b>!')
    await expectNothingLeft(folder)
  })

  it('of an empty file is read on the drop area', async () => {
    const { url, folder } = await startEngine({ policy: { emptyFiles: false } })
    await open(url)
    await chooseFiles(page, { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) })
    expect(await sentenceOf(page, 'empty.txt')).toBe('The file is empty.')
    await expectNothingLeft(folder)
  })

  it('by a hook that fails is one neutral sentence, and the file is gone again', async () => {
    const { url, folder } = await startEngine({
      log: () => {},
      onUploadFinish: () => {
        throw new Error('EPIPE at /var/secret')
      },
    })
    await open(url)
    await chooseFiles(page, sampleFile('a.txt', 10).path)
    expect(await sentenceOf(page, 'a.txt')).toBe('Something went wrong on the server.')
    await expectNothingLeft(folder)
  })
})

describe('a line that breaks', () => {
  it('is told in a helpful sentence, and leaves nothing behind', async () => {
    const { port, folder } = await startEngine()
    await open(await breakingLine(port, 3 * mebibyte))
    await chooseFiles(page, largeFile('film.mkv', 24 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('The connection was lost. Check it and try again.')
    await expectNothingLeft(folder)
  })
})

describe('several files in one request', () => {
  it('are named file[0], file[1]… and are all kept', async () => {
    const fields: string[] = []
    const { url, folder, answers } = await startEngine({
      dropArea: { uploadMultiple: true, parallelUploads: 4 },
      onUploadFinish: file => void fields.push(file.field),
    })
    await open(url)
    const samples = ['a.bin', 'b.bin', 'c.bin', 'd.bin'].map((name, index) => sampleFile(name, index * 400_000))
    await chooseFiles(
      page,
      samples.map(sample => sample.path),
    )
    await page.locator('.dz-success').nth(3).waitFor()
    expect(fields.sort()).toEqual(['file[0]', 'file[1]', 'file[2]', 'file[3]'])
    expect(answers).toMatchObject([{ status: 201 }])
    expect(filesIn(folder)).toEqual(namesAndSums(samples))
  })

  it('are all refused with one of them, and nothing is left', async () => {
    const { url, folder, answers } = await startEngine({
      policy: { accept: '.bin' },
      dropArea: { uploadMultiple: true, parallelUploads: 4 },
    })
    await open(url)
    await letTheServerCheck(page)
    const names = ['a.bin', 'b.bin', 'c.exe', 'd.bin']
    await chooseFiles(
      page,
      names.map(name => sampleFile(name, 400_000).path),
    )
    for (const name of names) expect(await sentenceOf(page, name)).toBe('This file type is not allowed.')
    expect(answers).toMatchObject([{ status: 415 }])
    await expectNothingLeft(folder)
  })
})

describe('a raw body', () => {
  it('brings its name in the query', async () => {
    const { url, folder, answers } = await startEngine({ dropArea: { binaryBody: true } })
    await open(url)
    const sample = sampleFile('Größe "A&B=1" 🙂.bin'.replaceAll('"', ''), 3_000_000)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success').waitFor()
    expect(answers).toMatchObject([{ url: `/uploads?name=${encodeURIComponent(sample.name)}`, status: 201 }])
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(temporariesIn(folder)).toEqual([])
  })

  it('is refused in words in the middle, too', async () => {
    const { url, folder, answers } = await startEngine({
      policy: { maxFileSize: '4 MiB' },
      dropArea: { binaryBody: true },
    })
    await open(url)
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('film.mkv', 24 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (24 MiB). Max filesize: 4 MiB.')
    expect(answers[0]?.read).toBeLessThan(8 * mebibyte)
    await expectNothingLeft(folder)
  })
})
