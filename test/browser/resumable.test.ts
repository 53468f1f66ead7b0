/** The resumable drop area in a real Chromium: cut, paused, offline, reloaded; and not one acknowledged byte twice. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { UploadError } from '../../src/index.ts'
import { filesIn, largeFile, namesAndSums, sampleFile, temporariesIn } from './e2e-server.ts'
import { patient } from './page-fixture.ts'
import { type Logged, openResumable } from './resumable-server.ts'
import { chooseFiles, dropFiles, has, letTheServerCheck, sentenceOf, throttle, useChromium } from './support.ts'

const mebibyte = 1024 ** 2
const success = (page: Page) => page.locator('.dz-success').waitFor({ timeout: 60_000 })
const of = (log: readonly Logged[], method: string) => log.filter(entry => entry.method === method)

const chromium = useChromium()

interface Heard {
  readonly events: readonly string[]
  readonly progress: readonly number[]
  readonly answers: readonly unknown[]
}

/** Notes what the drop area tells, from now on. */
async function listen(page: Page): Promise<() => Promise<Heard>> {
  await page.evaluate(() => {
    const heard = { events: [] as string[], progress: [] as number[], answers: [] as unknown[] }
    Object.assign(window, { heard })
    const names = ['sending', 'success', 'error', 'canceled', 'complete', 'queuecomplete', 'paused', 'resumed']
    for (const name of names) document.addEventListener(`dropzone:${name}`, () => heard.events.push(name))
    const args = (event: Event) => (event as CustomEvent<{ args: unknown[] }>).detail.args
    document.addEventListener('dropzone:uploadprogress', event => heard.progress.push(Number(args(event)[1])))
    document.addEventListener('dropzone:success', event => heard.answers.push(args(event)[1]))
  })
  return () => page.evaluate(() => (window as unknown as { heard: Heard }).heard)
}

const rises = (numbers: readonly number[]) => numbers.every((number, i) => i === 0 || number >= (numbers[i - 1] ?? 0))

describe.skipIf(!has.chromium)('a resumable drop area', () => {
  it('uploads 64 MiB as they are, 8 MiB at a time, and tells the page as ever', async () => {
    const { page, folder, log, wrong, written } = await openResumable(chromium.browser)
    const heard = await listen(page)
    const sample = sampleFile('film.bin', 64 * mebibyte)
    await dropFiles(page, page.locator('[data-dropgate]'), [sample.path])
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(64 * mebibyte)
    expect(log.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 201', ...Array(8).fill('PATCH 204')])
    const { events, progress, answers } = await heard()
    expect(events.filter(name => name !== 'sending')).toEqual(['success', 'complete', 'queuecomplete'])
    expect(rises(progress)).toBe(true)
    expect(progress.at(-1)).toBe(100)
    expect(answers).toEqual([{ files: [expect.objectContaining({ name: 'film.bin', size: 64 * mebibyte })] }])
    expect(temporariesIn(folder).filter(name => !name.includes('record') && !name.endsWith('.json'))).toEqual([])
    expect(wrong).toEqual([])
  }, 90_000)

  it('deletes a finished file that is taken off the list, where that is asked for', async () => {
    const dropArea = { deleteOnRemove: true, addRemoveLinks: true }
    const { page, folder, log, wrong } = await openResumable(chromium.browser, { dropArea })
    const sample = sampleFile('film.bin', 300_000)
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    page.on('dialog', dialog => void dialog.accept())
    await page.getByRole('button', { name: 'Remove file film.bin' }).click()
    await expect.poll(() => of(log, 'DELETE').map(({ status }) => status), patient).toEqual([204])
    expect(filesIn(folder)).toEqual({})
    expect(wrong).toEqual([])
  })

  it('uploads an empty file, and several at once', async () => {
    const { page, folder, wrong } = await openResumable(chromium.browser, { dropArea: { parallelUploads: 3 } })
    const samples = ['a.bin', 'b.bin', 'größe 1.bin', 'd.bin'].map((name, i) => sampleFile(name, i * 300_000))
    await chooseFiles(
      page,
      samples.map(({ path }) => path),
    )
    await page.locator('.dz-success').nth(3).waitFor()
    expect(filesIn(folder)).toEqual(namesAndSums(samples))
    expect(wrong).toEqual([])
  })

  it('goes on where it was after cuts: no byte is stored twice, and progress never goes back', async () => {
    const { page, folder, log, line, written } = await openResumable(chromium.browser)
    const heard = await listen(page)
    const sample = sampleFile('film.bin', 48 * mebibyte)
    const before = line.up
    line.cutAfter(10 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(20 * mebibyte)
    line.cutAfter(10 * mebibyte, 2_000)
    await success(page)
    expect(of(log, 'PATCH').filter(({ status }) => status === 0)).not.toHaveLength(0)
    expect(of(log, 'HEAD')).not.toHaveLength(0)
    expect(of(log, 'POST')).toHaveLength(1)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(48 * mebibyte)
    // What was on the line at a cut is lost; and Chromium by itself repeats a request whose line broke, to no avail.
    const slack = 2 * (8 + 1) * mebibyte
    expect(line.up - before - 48 * mebibyte).toBeLessThan(slack)
    const { progress, events } = await heard()
    expect(rises(progress)).toBe(true)
    expect(events).not.toContain('error')
  }, 90_000)

  it('goes on after a reload with the same file, and sends nothing again that was acknowledged', async () => {
    const { page, folder, log, line, written } = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 32 * mebibyte)
    await throttle(page, 16 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(8 * mebibyte)
    page.on('dialog', dialog => void dialog.accept())
    await page.reload()
    await page.locator('.dz-message').waitFor()
    const before = line.up
    const kept = written()
    expect(kept).toBeLessThan(32 * mebibyte)
    await dropFiles(page, page.locator('[data-dropgate]'), [sample.path])
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(32 * mebibyte)
    expect(line.up - before).toBeLessThan(32 * mebibyte - kept + 64 * 1024)
    expect(of(log, 'POST')).toHaveLength(1)
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
  }, 90_000)

  it('begins anew when the server has forgotten the upload', async () => {
    const { page, folder, log, time, written } = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 16 * mebibyte)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(2 * mebibyte)
    page.on('dialog', dialog => void dialog.accept())
    await page.reload()
    await page.locator('.dz-message').waitFor()
    time.now += 25 * 60 * 60_000
    await page.reload()
    await page.locator('.dz-message').waitFor()
    await throttle(page, -1)
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(of(log, 'POST').map(({ status }) => status)).toEqual([201, 201])
  }, 60_000)

  it('takes the same file twice for two uploads', async () => {
    const { page, folder } = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 3 * mebibyte)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await chooseFiles(page, sample.path)
    await page.locator('.dz-success').nth(1).waitFor()
    expect(Object.values(filesIn(folder))).toEqual([sample.sha256, sample.sha256])
  })
})

describe.skipIf(!has.chromium)('a pause', () => {
  it('stops the bytes, keeps the place, and goes on where it was', async () => {
    const { page, folder, log, written } = await openResumable(chromium.browser)
    const heard = await listen(page)
    const sample = sampleFile('film.bin', 24 * mebibyte)
    await throttle(page, 12 * mebibyte)
    await chooseFiles(page, sample.path)
    const button = page.getByRole('button', { name: 'Pause film.bin' })
    await expect.poll(written, patient).toBeGreaterThan(4 * mebibyte)
    const box = await button.boundingBox()
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
    await button.click()
    const paused = await settled(written)
    await page.waitForTimeout(1_000)
    expect(written()).toBe(paused)
    expect(paused).toBeLessThan(24 * mebibyte)
    await page.getByRole('button', { name: 'Resume film.bin' }).click()
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(24 * mebibyte)
    expect(of(log, 'POST')).toHaveLength(1)
    const { events, progress } = await heard()
    expect(events.filter(name => ['paused', 'resumed', 'error'].includes(name))).toEqual(['paused', 'resumed'])
    expect(rises(progress)).toBe(true)
    expect(await page.locator('.dropgate-pause').count()).toBe(0)
  }, 60_000)

  it('can be asked for by the page, by the id of the area', async () => {
    const { page, folder, written } = await openResumable(chromium.browser)
    const sample = sampleFile('film.bin', 12 * mebibyte)
    await throttle(page, 6 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(mebibyte)
    type Global = { dropgate: { pause(id: string): void; resume(id: string): void } }
    await page.evaluate(() => (window as unknown as Global).dropgate.pause('myDropzone'))
    await page.getByRole('button', { name: 'Resume film.bin' }).waitFor()
    await page.evaluate(() => (window as unknown as Global).dropgate.resume('myDropzone'))
    await throttle(page, -1)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(12 * mebibyte)
  }, 60_000)

  it('does not keep a file from being cancelled: what has come is taken off the server', async () => {
    const { page, folder, log, written } = await openResumable(chromium.browser, { dropArea: { addRemoveLinks: true } })
    const heard = await listen(page)
    await throttle(page, 6 * mebibyte)
    await chooseFiles(page, sampleFile('film.bin', 12 * mebibyte).path)
    await expect.poll(written, patient).toBeGreaterThan(mebibyte)
    await page.getByRole('button', { name: 'Pause film.bin' }).click()
    page.on('dialog', dialog => void dialog.accept())
    await page.getByRole('button', { name: 'Cancel upload film.bin' }).click()
    await expect.poll(() => of(log, 'DELETE').map(({ status }) => status), patient).toEqual([204])
    expect(filesIn(folder)).toEqual({})
    expect(temporariesIn(folder)).toEqual([])
    expect((await heard()).events).toContain('canceled')
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
  }, 60_000)
})

describe.skipIf(!has.chromium)('without a connection', () => {
  it('the page says so, and goes on by itself when it is back', async () => {
    const { context, page, folder, written } = await openResumable(chromium.browser)
    const heard = await listen(page)
    const sample = sampleFile('film.bin', 24 * mebibyte)
    await throttle(page, 12 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(4 * mebibyte)
    await context.setOffline(true)
    const line = page.locator('.dropgate-waiting')
    await expect.poll(() => line.textContent(), patient).toBe('You are offline. The upload goes on when you are back.')
    await page.waitForTimeout(1_500)
    expect(written()).toBeLessThan(24 * mebibyte)
    await context.setOffline(false)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(written()).toBe(24 * mebibyte)
    expect(await line.count()).toBe(0)
    expect((await heard()).events).not.toContain('error')
  }, 60_000)

  it('a server that is busy is asked again when it has said', async () => {
    const { page, folder } = await openResumable(chromium.browser)
    const times: number[] = []
    await page.route('**/uploads', async route => {
      times.push(Date.now())
      if (times.length > 1) return route.continue()
      await route.fulfill({ status: 503, headers: { 'retry-after': '3' }, body: 'Busy.' })
    })
    const sample = sampleFile('film.bin', mebibyte)
    await chooseFiles(page, sample.path)
    const line = page.locator('.dropgate-waiting')
    await expect.poll(() => line.textContent(), patient).toBe('The connection was lost. Trying again.')
    await success(page)
    const [first = 0, second = 0] = times
    expect(second - first).toBeGreaterThanOrEqual(2_900)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
  }, 60_000)
})

describe.skipIf(!has.chromium)('a refusal', () => {
  it('of a type reads as in a form upload, and no byte was sent', async () => {
    const { page, folder, written } = await openResumable(chromium.browser, { policy: { accept: '.png' } })
    await letTheServerCheck(page)
    await chooseFiles(page, sampleFile('tool.exe', 2 * mebibyte).path)
    expect(await sentenceOf(page, 'tool.exe')).toBe('This file type is not allowed.')
    expect([filesIn(folder), temporariesIn(folder), written()]).toEqual([{}, [], 0])
  })

  it('of a size reads as in a form upload', async () => {
    const { page, folder } = await openResumable(chromium.browser, { policy: { maxFileSize: '4 MiB' } })
    await letTheServerCheck(page)
    await chooseFiles(page, largeFile('film.mkv', 24 * mebibyte))
    expect(await sentenceOf(page, 'film.mkv')).toBe('File is too big (24 MiB). Max filesize: 4 MiB.')
    expect([filesIn(folder), temporariesIn(folder)]).toEqual([{}, []])
  })

  it('by an own check, after the first bytes, is read in its own words, and not tried again', async () => {
    const { page, folder, log } = await openResumable(chromium.browser, {
      validate: file => {
        if (file.head[0] !== 0x89) throw new UploadError('type-not-allowed', 'PNG only, "please" <b>!')
      },
    })
    await chooseFiles(page, { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') })
    expect(await sentenceOf(page, 'fake.png')).toBe('PNG only, "please" <b>!')
    expect([filesIn(folder), temporariesIn(folder)]).toEqual([{}, []])
    expect(of(log, 'PATCH')).toHaveLength(1)
  })
})

describe.skipIf(!has.chromium)('the token', () => {
  it('that has expired in the middle is mended by a fresh one, unseen', async () => {
    const { page, folder, log, time, written } = await openResumable(chromium.browser)
    const heard = await listen(page)
    const sample = sampleFile('film.bin', 16 * mebibyte)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sample.path)
    await expect.poll(written, patient).toBeGreaterThan(2 * mebibyte)
    await page.getByRole('button', { name: 'Pause film.bin' }).click()
    time.now += 2 * 60 * 60_000
    await throttle(page, -1)
    await page.getByRole('button', { name: 'Resume film.bin' }).click()
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(of(log, 'GET').map(({ path }) => path)).toEqual(['/uploads/csrf'])
    expect((await heard()).events).not.toContain('error')
    expect(await page.locator('.dz-error').count()).toBe(0)
  }, 60_000)

  it('that has expired before the first byte is mended, too', async () => {
    const { page, folder, log, time } = await openResumable(chromium.browser)
    const heard = await listen(page)
    time.now += 2 * 60 * 60_000
    const sample = sampleFile('film.bin', mebibyte)
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(of(log, 'POST').map(({ status }) => status)).toEqual([400, 201])
    expect((await heard()).events).not.toContain('error')
  })
})

describe.skipIf(!has.chromium)('leaving the page', () => {
  it('is asked about only while a file is on its way', async () => {
    const { page, written } = await openResumable(chromium.browser)
    const dialogs: string[] = []
    page.on('dialog', async dialog => {
      dialogs.push(dialog.type())
      await dialog.dismiss()
    })
    await throttle(page, 6 * mebibyte)
    await page.locator('.dz-button').focus()
    await page.keyboard.press('Shift')
    await page.mouse.click(5, 5)
    await chooseFiles(page, sampleFile('film.bin', 6 * mebibyte).path)
    await expect.poll(written, patient).toBeGreaterThan(mebibyte)
    await page.evaluate(() => void location.assign('/away'))
    await expect.poll(() => dialogs, patient).toEqual(['beforeunload'])
    await throttle(page, -1)
    await success(page)
    await page.evaluate(() => void location.assign('/away'))
    await page.waitForURL('**/away')
    expect(dialogs).toEqual(['beforeunload'])
  }, 60_000)
})

describe.skipIf(!has.chromium)('where the script for tus does not come', () => {
  it.each([
    ['whole', {}],
    ['in chunks', { chunking: true, chunkSize: '1 MiB' }],
  ])('files go as without it: %s', async (_how, dropArea) => {
    const { context, page, folder, log } = await openResumable(chromium.browser, { dropArea })
    await context.route('**/dropgate-tus.js*', route => route.abort())
    await page.reload()
    const sample = sampleFile('film.bin', 3 * mebibyte)
    await chooseFiles(page, sample.path)
    await success(page)
    expect(filesIn(folder)).toEqual(namesAndSums([sample]))
    expect(of(log, 'PATCH')).toEqual([])
  })
})

/** The value once it has stopped changing. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read()
    if (now === last) return now
    last = now
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}
