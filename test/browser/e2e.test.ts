/** What a person does with the command line's page, in a real Chromium, down to the bytes on the disk. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Running, start } from '../integration/cli/run.ts'
import { filesIn, namesAndSums, type Sample, sampleFile, sha256, temporariesIn, temporaryFolder } from './e2e-server.ts'
import { chooseFiles, dropFiles, has, launchChromium, watch } from './support.ts'

let browser: Browser | undefined
let page: Page
let wrong: string[]

beforeAll(async () => {
  // In continuous integration a missing browser is a failure, and launching says which package is missing.
  if (has.chromium || process.env.CI) browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async context => {
  if (!browser) return context.skip('No Chromium found: install the package chromium.')
  page = await browser.newPage()
  wrong = await watch(page)
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

async function open(...options: string[]): Promise<Running> {
  const cli = await start('--json', ...options)
  await page.goto(cli.url)
  await page.locator('.dz-message').waitFor()
  return cli
}

/** Waits until the drop area shows this many files as kept. */
async function kept(count: number, timeout = 15_000): Promise<void> {
  await page
    .locator('.dz-preview.dz-success')
    .nth(count - 1)
    .waitFor({ timeout })
  expect(await page.locator('.dz-preview.dz-error').count()).toBe(0)
}

/** The bytes of exactly these files are on the disk, under their names, and nothing else. */
function expectStored(folder: string, samples: readonly Sample[]): void {
  expect(filesIn(folder)).toEqual(namesAndSums(samples))
  expect(temporariesIn(folder)).toEqual([])
}

describe("the command line's page in Chromium", () => {
  it('takes one file and says so in one line', async () => {
    const { directory, waitFor } = await open()
    const sample = sampleFile('report.pdf', 1_500_000)
    await chooseFiles(page, sample.path)
    await kept(1)
    expectStored(directory, [sample])
    expect(JSON.parse(await waitFor(/"kept"/))).toMatchObject({
      event: 'kept',
      name: 'report.pdf',
      size: 1_500_000,
    })
  })

  it('takes twenty files, empty and large ones among them', async () => {
    const { directory } = await open()
    const folder = temporaryFolder()
    const samples = Array.from({ length: 20 }, (_, index) => sampleFile(`file-${index}.bin`, index * 65_537, folder))
    await chooseFiles(
      page,
      samples.map(sample => sample.path),
    )
    await kept(20)
    expectStored(directory, samples)
  })

  it('takes real files from a trusted drop', async () => {
    const { directory } = await open()
    const samples = [sampleFile('dropped.bin', 700_000), sampleFile('notes.txt', 12)]
    await page.evaluate(() => {
      document.addEventListener('drop', event => (document.title = `trusted: ${event.isTrusted}`), true)
    })
    await dropFiles(
      page,
      page.locator('[data-dropgate]'),
      samples.map(sample => sample.path),
    )
    await kept(2)
    expect(await page.title()).toBe('trusted: true')
    expectStored(directory, samples)
  })

  it('takes a folder that is dropped, file by file', async () => {
    const { directory } = await open()
    const folder = join(temporaryFolder(), 'holiday')
    mkdirSync(join(folder, 'day 1'), { recursive: true })
    const samples = [sampleFile('a.txt', 10, folder), sampleFile('b.txt', 20, join(folder, 'day 1'))]
    await dropFiles(page, page.locator('[data-dropgate]'), [folder])
    await kept(2)
    expectStored(directory, samples)
  })

  it('takes a file of 200 MiB', async () => {
    const { directory } = await open()
    const sample = sampleFile('film.mkv', 200 * 1024 ** 2)
    await chooseFiles(page, sample.path)
    await kept(1, 50_000)
    expectStored(directory, [sample])
  }, 60_000)

  it('keeps names of all scripts, with quotes, umlauts and emoji', async () => {
    const { directory } = await open()
    const names = [
      'Grüße "an" \'alle\' 🎉 & <b> 100%25 #1.txt',
      'пример документа.pdf',
      '写真 (1).zip',
      'e\u0301te\u0301.txt',
    ]
    const samples = names.map((_, index) => sampleFile('sample', 2_000 + index))
    await chooseFiles(
      page,
      names.map((name, at) => ({ name, mimeType: '', buffer: readFileSync((samples[at] as Sample).path) })),
    )
    await kept(names.length)
    // What Windows and a shell would stumble over is made harmless; one letter is one character, not letter and accent.
    const stored = names.map(name => name.replaceAll(/["<>]/g, '_').normalize('NFC'))
    expectStored(
      directory,
      stored.map((name, at) => ({ ...(samples[at] as Sample), name })),
    )
  })

  it('lists the file after a reload, with a link that gives the same bytes back as an attachment', async () => {
    const { url } = await open()
    const sample = { ...sampleFile('sample', 300_000), name: 'Übersicht "Mai" 🌞.html' }
    await chooseFiles(page, { name: sample.name, mimeType: 'text/html', buffer: readFileSync(sample.path) })
    await kept(1)
    await page.reload()
    const stored = 'Übersicht _Mai_ 🌞.html'
    const link = page.getByRole('listitem').filter({ hasText: '292.97 KiB' }).getByRole('link', { name: stored })
    expect(await link.getAttribute('href')).toBe(`/files/${encodeURIComponent(stored)}`)
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    expect(download.suggestedFilename()).toBe(stored)
    expect(sha256(readFileSync(await download.path()))).toBe(sample.sha256)
    const { headers } = await fetch(new URL((await link.getAttribute('href')) as string, url))
    expect(headers.get('content-disposition')).toMatch(/^attachment; /)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toMatch(/^sandbox/)
  })

  it('keeps both of two files of one name', async () => {
    const { directory } = await open()
    const [first, second] = [sampleFile('same.txt', 10), sampleFile('same.txt', 20)]
    await chooseFiles(page, first.path)
    await kept(1)
    await chooseFiles(page, second.path)
    await kept(2)
    expectStored(directory, [first, { ...second, name: 'same (1).txt' }])
  })

  it('sends several files in one request with --multiple', async () => {
    const { directory } = await open('--multiple', '--parallel', '5')
    const samples = ['a.bin', 'b.bin', 'c.bin', 'd.bin', 'e.bin'].map((name, index) =>
      sampleFile(name, 100_000 + index),
    )
    const requests: string[] = []
    page.on('request', request => request.method() === 'POST' && requests.push(request.url()))
    await chooseFiles(
      page,
      samples.map(sample => sample.path),
    )
    await kept(5)
    expect(requests).toHaveLength(1)
    expectStored(directory, samples)
  })

  it('refuses a type before it is sent, in words, and still takes the next file', async () => {
    const { directory, lines } = await open('--accept', 'image/*,.pdf')
    const sample = sampleFile('good.pdf', 5_000)
    await chooseFiles(page, [sampleFile('tool.exe', 100).path, sample.path])
    await page.locator('.dz-preview.dz-success').waitFor()
    const refused = page.locator('.dz-preview', { hasText: 'tool.exe' }).locator('[data-dz-errormessage]')
    expect(await refused.textContent()).toBe('This file type is not allowed.')
    expect(await refused.isVisible()).toBe(true)
    expectStored(directory, [sample])
    expect(lines.filter(line => line.includes('refused'))).toEqual([])
  })

  it('asks for the token, and takes files after it was given', async () => {
    const cli = await start('--token', 'open-sesame')
    await page.close()
    page = await (browser as Browser).newPage()
    wrong = await watch(page, ['status of 401'])
    await page.goto(cli.url)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await page.getByRole('alert').textContent()).toBe('This is not the token.')
    await page.getByLabel('Token').fill('open-sesame')
    await page.getByLabel('Token').press('Enter')
    await page.locator('.dz-message').waitFor()
    const sample = sampleFile('secret.txt', 50)
    await chooseFiles(page, sample.path)
    await kept(1)
    expectStored(cli.directory, [sample])
  })
})

describe("the command line's page without script", () => {
  it('is a form that keeps the files and answers with a page', async () => {
    const { url, directory } = await start()
    const plain = await (browser as Browser).newPage({ javaScriptEnabled: false })
    await plain.goto(url)
    const samples = [sampleFile('one & <i>.txt'.replace(/[<>]/g, ''), 3_000), sampleFile('two.bin', 1_200_000)]
    await plain.getByLabel('Choose files').setInputFiles(samples.map(sample => sample.path))
    await plain.getByRole('button', { name: 'Upload' }).click()
    expect(await plain.getByRole('heading').textContent()).toBe('2 files were uploaded')
    expect(await plain.getByRole('listitem').allTextContents()).toEqual([
      'one & i.txt (2.93 KiB)',
      'two.bin (1.14 MiB)',
    ])
    expectStored(directory, samples)
    await plain.getByRole('link', { name: 'Upload more' }).click()
    expect(plain.url()).toBe(url)
    expect(await plain.getByRole('link', { name: 'two.bin' }).isVisible()).toBe(true)
    await plain.close()
  })

  it('says in words why it refuses', async () => {
    const { url, directory } = await start('--accept', '.pdf')
    const plain = await (browser as Browser).newPage({ javaScriptEnabled: false })
    await plain.goto(url)
    await plain.getByLabel('Choose files').setInputFiles(sampleFile('tool.exe', 300).path)
    await plain.getByRole('button', { name: 'Upload' }).click()
    await plain.getByText('This file type is not allowed.').waitFor()
    expectStored(directory, [])
    await plain.close()
  })
})
