/** What lines and tokens do to a resumable drop area in the middle of a file, for three generations of Dropzone and in Firefox. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UploadError } from '../../src/index.ts'
import { filesIn, namesAndSums, sampleFile, temporariesIn } from './e2e-server.ts'
import { patient } from './page-fixture.ts'
import { type Logged, openResumable } from './resumable-server.ts'
import { chooseFiles, has, launchFirefox, sentenceOf, throttle, useChromium } from './support.ts'

const chromium = useChromium()
const mebibyte = 1024 ** 2
const success = (page: Page) => page.locator('.dz-success').waitFor({ timeout: 60_000 })
const of = (log: readonly Logged[], method: string) => log.filter(entry => entry.method === method)

describe.skipIf(!has.chromium)('a connection that dies without a word', () => {
  it('is given up after `timeout`, and the file goes on over another one', async () => {
    const timeout = 3_000
    const { page, folder, log, line, written } = await openResumable(chromium.browser, { dropArea: { timeout } })
    const sample = sampleFile('film.bin', 24 * mebibyte)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(4 * mebibyte)
    line.stall()
    const began = Date.now()
    await expect.poll(() => of(log, 'HEAD').length, patient).toBeGreaterThan(0)
    // The last progress was some time before; a connection that breaks aloud is tried again within 250 ms.
    expect(Date.now() - began).toBeGreaterThan(timeout / 3)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(24 * mebibyte)
    expect(of(log, 'POST')).toHaveLength(1)
  }, 60_000)

  it('is given up after a minute when no `timeout` is set', async () => {
    const { page, folder, log, line, written } = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 24 * mebibyte)
    // The page's own clock: its minute is over at once when it is told so.
    await page.clock.install()
    await page.reload()
    await page.locator('.dz-message').waitFor()
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(4 * mebibyte)
    line.stall()
    await page.waitForTimeout(500)
    await page.clock.runFor(55_000)
    await page.waitForTimeout(500)
    expect(of(log, 'HEAD')).toEqual([])
    await page.clock.runFor(6_000)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(24 * mebibyte)
  }, 60_000)
})

describe.skipIf(!has.chromium)('a token that expires while bytes are on the line', () => {
  it('is mended by a fresh one between two requests of a file, unseen', async () => {
    const { page, folder, log, time, written } = await openResumable(chromium.browser, {
      dropArea: { chunkSize: '4 MiB' },
    })
    const sample = sampleFile('film.bin', 24 * mebibyte)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(5 * mebibyte)
    time.now += 2 * 60 * 60_000
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(24 * mebibyte)
    expect(of(log, 'PATCH').map(({ status }) => status)).toContain(400)
    expect(of(log, 'GET').map(({ path }) => path)).toEqual(['/uploads/csrf'])
    expect(await page.locator('.dz-error').count()).toBe(0)
  }, 60_000)
})

describe.skipIf(!has.chromium).each([5, 6, 7])('Dropzone %i of the page itself', version => {
  const open = (dropArea = {}) =>
    openResumable(chromium.browser, { dropArea }, helpers => {
      return (
        helpers.loadCss() + helpers.create() + helpers.config() + helpers.loadJs({ url: `/dropzone-${version}.js` })
      )
    })

  it('uploads with tus, several files at once', async () => {
    const { page, folder, log, wrong } = await open({ parallelUploads: 3 })
    const samples = ['a.bin', 'b.bin', 'c.bin', 'd.bin'].map((name, i) => sampleFile(name, i * mebibyte))
    await chooseFiles(
      page,
      samples.map(({ path }) => path),
    )
    await page.locator('.dz-success').nth(3).waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums(samples))
    expect(of(log, 'PATCH').length).toBeGreaterThanOrEqual(3)
    expect(wrong).toEqual([])
  }, 60_000)

  it('goes on after a cut, a pause and a reload, and no byte is stored twice', async () => {
    const { page, folder, log, line, written } = await open()
    const sample = sampleFile('film.bin', 32 * mebibyte)
    await throttle(page, 16 * mebibyte)
    line.cutAfter(6 * mebibyte, 300)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(9 * mebibyte)
    await page.getByRole('button', { name: 'Pause film.bin' }).click()
    await page.getByRole('button', { name: 'Resume film.bin' }).click()
    await expect.poll(written, patient).toBeGreaterThan(16 * mebibyte)
    page.on('dialog', dialog => void dialog.accept())
    await page.reload()
    await page.locator('.dz-message').waitFor()
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(32 * mebibyte)
    expect(of(log, 'POST')).toHaveLength(1)
  }, 90_000)

  it('takes a cancelled file off the server', async () => {
    const { page, folder, log, written } = await open({ addRemoveLinks: true })
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sampleFile('film.bin', 12 * mebibyte).path)
    await expect.poll(written, patient).toBeGreaterThan(mebibyte)
    page.on('dialog', dialog => void dialog.accept())
    await page.getByRole('button', { name: 'Cancel upload film.bin' }).click()
    await expect.poll(() => of(log, 'DELETE').map(({ status }) => status), patient).toEqual([204])
    expect([filesIn(folder), temporariesIn(folder)]).toEqual([{}, []])
  }, 60_000)
})

describe.skipIf(!has.firefox)('in Firefox', () => {
  let firefox: Browser
  beforeAll(async () => {
    firefox = await launchFirefox()
  })
  afterAll(() => firefox?.close())

  it('a file goes on after a cut, a pause and a reload, and no byte is stored twice', async () => {
    const { page, folder, log, line, written } = await openResumable(firefox)
    const sample = sampleFile('film.bin', 96 * mebibyte)
    line.cutAfter(10 * mebibyte, 300)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(9 * mebibyte)
    await page.getByRole('button', { name: 'Pause film.bin' }).click()
    await page.getByRole('button', { name: 'Resume film.bin' }).waitFor()
    page.on('dialog', dialog => void dialog.accept())
    await page.reload()
    await page.locator('.dz-message').waitFor()
    expect(await page.locator('.dropgate-unfinished, .dz-preview').count()).toBe(0)
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(96 * mebibyte)
    expect(of(log, 'POST')).toHaveLength(1)
  }, 90_000)

  it('several files go at once, and a refusal reads as in a form upload', async () => {
    const { page, folder } = await openResumable(firefox, {
      dropArea: { parallelUploads: 2 },
      onUploadCreate: ({ name }) => {
        if (name === 'bad.bin') throw new UploadError('not-allowed', 'Not this one.')
      },
    })
    const samples = [sampleFile('a.bin', 3 * mebibyte), sampleFile('b.bin', 0)]
    await chooseFiles(
      page,
      [...samples, sampleFile('bad.bin', 10)].map(({ path }) => path),
    )
    await page.locator('.dz-success').nth(1).waitFor()
    expect(await sentenceOf(page, 'bad.bin')).toBe('Not this one.')
    expect(filesIn(folder)).toEqual(namesAndSums(samples))
  }, 60_000)
})
