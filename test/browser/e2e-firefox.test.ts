/** What a person reads after a refusal, in Firefox: the browser that shows nothing when a server hangs up too early. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UploadError } from '../../src/index.ts'
import { breakingLine, filesIn, largeFile, namesAndSums, sampleFile, startEngine, temporariesIn } from './e2e-server.ts'
import { chooseFiles, has, launchFirefox, letTheServerCheck, sentenceOf } from './support.ts'

const mebibyte = 1024 ** 2

let browser: Browser | undefined
let page: Page

beforeAll(async () => {
  if (!has.firefox && !process.env.CI) return
  browser = await launchFirefox()
  page = await browser.newPage()
})
afterAll(() => browser?.close())
beforeEach(context => {
  if (!browser) context.skip('No Firefox found: install the package firefox-esr.')
})

async function open(url: string): Promise<void> {
  await page.goto(url)
  await page.locator('.dz-message').waitFor()
}

async function expectNothingLeft(folder: string): Promise<void> {
  await expect.poll(() => temporariesIn(folder)).toEqual([])
  expect(filesIn(folder)).toEqual({})
}

describe('in Firefox', () => {
  it('files arrive whole', async () => {
    const { url, folder } = await startEngine()
    await open(url)
    const samples = [sampleFile('Grüße 🎉.bin', 30 * mebibyte), sampleFile('small.txt', 3)]
    await chooseFiles(
      page,
      samples.map(sample => sample.path),
    )
    await page.locator('.dz-success').nth(1).waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums(samples))
  })

  it('trap 4: a 413 while 48 MiB are still coming is read on the drop area, and was given before 8 MiB were read', async () => {
    const { url, folder, answers } = await startEngine({ policy: { maxFileSize: '4 MiB' } })
    await open(url)
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('film.mkv', 48 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (48 MiB). Max filesize: 4 MiB.')
    expect(answers[0]?.read).toBeLessThan(8 * mebibyte)
    await expectNothingLeft(folder)
  })

  it('trap 4: a 413 by the announced length alone is read on the drop area', async () => {
    const { url, folder, answers } = await startEngine({ policy: { maxFileSize: '4 MiB', maxFiles: 1 } })
    await open(url)
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('film.mkv', 48 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (48 MiB). Max filesize: 4 MiB.')
    expect(answers[0]?.read).toBeLessThan(mebibyte)
    await expectNothingLeft(folder)
  })

  it('a type is refused by the page and by the server in the same words', async () => {
    const { url, folder, answers } = await startEngine({ policy: { accept: ['image/*', '.pdf'] } })
    await open(url)
    await chooseFiles(page, sampleFile('tool.exe', 2_000).path)
    expect(await sentenceOf(page, 'tool.exe')).toBe('This file type is not allowed.')
    expect(answers).toEqual([])
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('other.exe', 20 * mebibyte))
    expect(await sentenceOf(page, 'other.exe')).toBe('This file type is not allowed.')
    expect(answers).toMatchObject([{ status: 415 }])
    await expectNothingLeft(folder)
  })

  it('an own check, an empty file, one file too many and a failing hook are told in words', async () => {
    const { url, folder } = await startEngine({
      policy: { emptyFiles: false, maxFiles: 3 },
      log: () => {},
      validate: file => {
        if (file.name === 'fake.png') throw new UploadError('rejected', 'PNG only!')
      },
      onUploadFinish: file => {
        if (file.name === 'hook.txt') throw new Error('EPIPE at /var/secret')
      },
    })
    await open(url)
    const content = { mimeType: '', buffer: Buffer.from('x') }
    await chooseFiles(page, [
      { name: 'fake.png', ...content },
      { name: 'empty.txt', mimeType: '', buffer: Buffer.alloc(0) },
      { name: 'hook.txt', ...content },
      { name: 'fourth.txt', ...content },
    ])
    expect(await sentenceOf(page, 'fake.png')).toBe('PNG only!')
    expect(await sentenceOf(page, 'empty.txt')).toBe('The file is empty.')
    expect(await sentenceOf(page, 'hook.txt')).toBe('Something went wrong on the server.')
    expect(await sentenceOf(page, 'fourth.txt')).toBe('You can not upload any more files.')
    await expectNothingLeft(folder)
  })

  it('a line that breaks is told in a helpful sentence', async () => {
    const { port, folder } = await startEngine()
    await open(await breakingLine(port, 3 * mebibyte))
    await chooseFiles(page, largeFile('film.mkv', 24 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('The connection was lost. Check it and try again.')
    await expectNothingLeft(folder)
  })
})
