/** The same file in two tabs at once: two uploads, or one that one of the tabs finishes. Never a spoiled file. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleFile, sha256 } from './e2e-server.ts'
import { patient } from './page-fixture.ts'
import { openResumable } from './resumable-server.ts'
import { dropFiles, has, throttle, useChromium } from './support.ts'

const chromium = useChromium()
const mebibyte = 1024 ** 2

/** Drops the file in the first tab and, when some of it is up, in the second one; then waits for both. */
async function dropInBoth({ page, written }: Awaited<ReturnType<typeof openResumable>>, sample: Sample) {
  const second = await page.context().newPage()
  await second.goto(page.url())
  await second.locator('.dz-message').waitFor()
  for (const tab of [page, second]) await throttle(tab, 8 * mebibyte)
  await page.bringToFront()
  await drop(page, sample)
  await expect.poll(written, patient).toBeGreaterThan(4 * mebibyte)
  await second.bringToFront()
  await drop(second, sample)
  return Promise.all([page, second].map(endOf))
}

const drop = (page: Page, { path }: Sample) => dropFiles(page, page.locator('[data-dropgate]'), [path])

/** What the tab tells in the end: nothing beside the tick mark, or the sentence of a refusal. */
async function endOf(page: Page): Promise<string> {
  await page.locator('.dz-success, .dz-error').waitFor({ timeout: 60_000 })
  return (await page.locator('[data-dz-errormessage]').textContent()) ?? ''
}

const sumsIn = (folder: string) =>
  readdirSync(folder)
    .filter(name => !name.startsWith('.'))
    .map(name => sha256(readFileSync(join(folder, name))))

describe.skipIf(!has.chromium)('the same file in two tabs', () => {
  it('is two uploads, and each tab finishes its own', async () => {
    const opened = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 24 * mebibyte)
    expect(await dropInBoth(opened, sample)).toEqual(['', ''])
    expect(sumsIn(opened.folder)).toEqual([sample.sha256, sample.sha256])
    expect(opened.log.filter(({ status }) => status === 400)).toEqual([])
    expect(opened.wrong).toEqual([])
  }, 90_000)

  it('where tabs can not know of one another, is one upload that the later one finishes', async () => {
    const opened = await openResumable(chromium.browser)
    // As on a page without https.
    await opened.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
    await opened.page.reload()
    await opened.page.locator('.dz-message').waitFor()
    const sample = sampleFile('film.bin', 24 * mebibyte)
    expect(await dropInBoth(opened, sample)).toEqual(['The upload was continued from somewhere else.', ''])
    expect(sumsIn(opened.folder)).toEqual([sample.sha256])
    expect(opened.written()).toBe(24 * mebibyte)
  }, 90_000)
})
