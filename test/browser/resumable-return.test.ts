/**
 * A later visit of the page goes on with what an earlier one began, and nobody picks the file again. All of it is real:
 * the drop is the browser's own (over its debugging protocol), the handle is the one that it gave, and so are its
 * permissions. Only its dialog can not be answered without a screen; where a test says so, the page is allowed to read
 * the file again by a second drop of it, beside the drop area.
 */
import { appendFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { filesIn, namesAndSums, type Sample, sampleFile, temporariesIn } from './e2e-server.ts'
import { patient } from './page-fixture.ts'
import { type Logged, openResumable, type ResumablePage } from './resumable-server.ts'
import { chooseFiles, dropFiles, has, throttle, useChromium, watch } from './support.ts'

const chromium = useChromium()
const mebibyte = 1024 ** 2
const size = 32 * mebibyte
const success = (page: Page) => page.locator('.dz-success').waitFor({ timeout: 60_000 })
const of = (log: readonly Logged[], method: string) => log.filter(entry => entry.method === method)
const area = (page: Page) => page.locator('[data-dropgate]')
const goOn = (page: Page) => page.getByRole('button', { name: 'Continue film.bin' })

interface Begun extends ResumablePage {
  readonly sample: Sample
}

/**
 * Drops a file, and returns when some of it is up.
 * @param speed of the page's line, in MiB/s
 */
async function begin(
  options?: Parameters<typeof openResumable>[1],
  html?: Parameters<typeof openResumable>[2],
  speed = 16,
) {
  const opened = await openResumable(chromium.browser, options, html)
  const { page, written } = opened
  const sample = sampleFile('film.bin', size)
  page.on('dialog', dialog => void dialog.accept())
  await throttle(page, speed * mebibyte)
  await dropFiles(page, area(page), [sample.path])
  await expect.poll(written, patient).toBeGreaterThan(8 * mebibyte)
  await expect.poll(() => kept(page), patient).toHaveLength(1)
  return { ...opened, sample } satisfies Begun
}

/** The page closed, and later opened again: with the origin's last tab Chromium takes the permission to read back. */
async function comeBack(
  { context, page, wrong }: Begun,
  path = '/',
  whileClosed: () => unknown = () => {},
): Promise<Page> {
  const { origin } = new URL(page.url())
  await page.close()
  await whileClosed()
  const later = await context.newPage()
  const wrongLater = await watch(later, ['Failed to load resource'])
  await expect.poll(() => wrong.concat(wrongLater)).toEqual([])
  await later.goto(origin + path)
  await later.locator('.dz-message').first().waitFor()
  return later
}

/** What the page's database holds. */
function kept(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const settled = <Result>(request: IDBRequest<Result>) =>
      new Promise<Result>(resolve => request.addEventListener('success', () => resolve(request.result)))
    const databases = await indexedDB.databases()
    if (databases.every(({ name }) => name !== 'dropgate')) return []
    const database = await settled(indexedDB.open('dropgate'))
    const all = await settled<{ name: string }[]>(database.transaction('uploads').objectStore('uploads').getAll())
    database.close()
    return all.map(({ name }) => name)
  })
}

/** What the person's "Allow" would do: drops the file where no drop area is, so that the page may read it again. */
async function allow(page: Page, { path }: Sample): Promise<void> {
  await page.evaluate(() => {
    const place = Object.assign(document.createElement('p'), { id: 'beside', textContent: 'Beside the drop area' })
    place.addEventListener('dragover', event => event.preventDefault())
    place.addEventListener('drop', event => {
      event.preventDefault()
      const [item] = event.dataTransfer?.items ?? []
      void (item as unknown as { getAsFileSystemHandle(): Promise<unknown> }).getAsFileSystemHandle()
    })
    document.body.append(place)
  })
  await dropFiles(page, page.locator('#beside'), [path])
}

function expectNothingTwice({ folder, log, written, sample }: Begun): void {
  expect(filesIn(folder)).toEqual(namesAndSums([sample]))
  expect(written()).toBe(size)
  expect(of(log, 'POST')).toHaveLength(1)
}

describe.skipIf(!has.chromium)('a dropped file', () => {
  it('goes on by itself after a reload, and no byte is stored twice', async () => {
    const begun = await begin()
    const { page, line, written, wrong } = begun
    await page.reload()
    const before = line.up
    const had = written()
    expect(had).toBeLessThan(size)
    await page.getByRole('button', { name: 'Pause film.bin' }).waitFor()
    await success(page)
    expectNothingTwice(begun)
    expect(line.up - before).toBeLessThan(size - had + 64 * 1024)
    await expect.poll(() => kept(page)).toEqual([])
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
    await page.reload()
    await page.locator('.dz-message').waitFor()
    expect(await page.locator('.dz-preview, .dropgate-unfinished').count()).toBe(0)
    expect(wrong).toEqual([])
  }, 90_000)

  it('goes on by itself after the line broke and the page was loaded again', async () => {
    const begun = await begin()
    const { page, line } = begun
    line.cutAfter(mebibyte, 500)
    await page.locator('.dropgate-waiting').waitFor()
    await page.waitForTimeout(500)
    await page.reload()
    await success(page)
    expectNothingTwice(begun)
  }, 90_000)

  it('waits for a click where the browser asks first, and goes on then', async () => {
    const begun = await begin()
    const page = await comeBack(begun)
    const button = goOn(page)
    await button.waitFor()
    expect(await page.locator('.dz-preview').count()).toBe(0)
    for (const each of [button, page.getByRole('button', { name: 'Discard film.bin' })]) {
      expect((await each.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    }
    await allow(page, begun.sample)
    await button.focus()
    await page.keyboard.press('Enter')
    await success(page)
    expectNothingTwice(begun)
    expect(await page.locator('.dropgate-unfinished').count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('dz-button')
    await expect.poll(() => kept(page)).toEqual([])
  }, 90_000)

  it('is asked for while the click counts, and nothing happens before the answer', async () => {
    const begun = await begin()
    const page = await comeBack(begun)
    await page.evaluate(() => {
      type Asking = { requestPermission(how: object): Promise<unknown> }
      const handle = FileSystemHandle.prototype as unknown as Asking
      const { requestPermission: ask } = handle
      handle.requestPermission = function (how) {
        Object.assign(window, { asked: [how, navigator.userActivation.isActive] })
        return ask.call(this, how)
      }
    })
    await goOn(page).click()
    const asked = () => page.evaluate(() => (window as unknown as { asked?: unknown }).asked)
    await expect.poll(asked, patient).toEqual([{ mode: 'read' }, true])
    await page.waitForTimeout(1_000)
    expect(await goOn(page).isVisible()).toBe(true)
    expect(await page.locator('.dz-preview').count()).toBe(0)
    expect(await kept(page)).toEqual(['film.bin'])
  }, 60_000)

  it('that is dropped again where it waits for a click goes on, too', async () => {
    const begun = await begin()
    const page = await comeBack(begun)
    await goOn(page).waitFor()
    await dropFiles(page, area(page), [begun.sample.path])
    await success(page)
    expect(await goOn(page).count()).toBe(0)
    expectNothingTwice(begun)
  }, 90_000)

  it('can be discarded instead, and is taken off the server', async () => {
    const begun = await begin()
    const page = await comeBack(begun)
    await page.getByRole('button', { name: 'Discard film.bin' }).click()
    await expect.poll(() => of(begun.log, 'DELETE').map(({ status }) => status), patient).toEqual([204])
    expect(await page.locator('.dropgate-unfinished').count()).toBe(0)
    expect([filesIn(begun.folder), temporariesIn(begun.folder)]).toEqual([{}, []])
    await expect.poll(() => kept(page)).toEqual([])
  }, 60_000)

  it('that has changed meanwhile does not go on: the page says so', async () => {
    const begun = await begin()
    const page = await comeBack(begun, '/', () => appendFileSync(begun.sample.path, 'more'))
    await goOn(page).waitFor()
    await allow(page, begun.sample)
    await goOn(page).click()
    const sentence = page.getByRole('alert').filter({ hasText: 'film.bin' })
    await expect
      .poll(() => sentence.textContent(), patient)
      .toBe('film.bin has changed or can not be read any more. Choose it again.')
    expect(await goOn(page).count()).toBe(0)
    await page.getByRole('button', { name: 'Discard film.bin' }).click()
    await expect.poll(() => kept(page), patient).toEqual([])
    expect(filesIn(begun.folder)).toEqual({})
  }, 60_000)

  it('that is cancelled is forgotten', async () => {
    const { page } = await begin({ dropArea: { addRemoveLinks: true } })
    await page.getByRole('button', { name: 'Cancel upload film.bin' }).click()
    await expect.poll(() => kept(page), patient).toEqual([])
  }, 60_000)

  it('is told in the words of the options', async () => {
    const begun = await begin({ dropArea: { dictContinue: 'Weiter mit', dictDiscard: 'Verwerfen' } })
    const page = await comeBack(begun)
    await page.getByRole('button', { name: 'Weiter mit film.bin' }).waitFor()
    expect(await page.locator('.dropgate-unfinished button').allTextContents()).toEqual([
      'Weiter mit film.bin',
      'Verwerfen',
    ])
  }, 60_000)
})

describe.skipIf(!has.chromium)('nothing is offered', () => {
  const nothing = async (page: Page) => {
    await page.waitForTimeout(1_500)
    expect(await page.locator('.dz-preview, .dropgate-unfinished').count()).toBe(0)
  }

  it('where the server has forgotten the upload, and the page forgets it, too', async () => {
    const begun = await begin()
    const page = await comeBack(begun, '/', async () => {
      // What came of the last request is saved with the time of that moment.
      await expect.poll(begun.running, patient).toBe(0)
      begun.time.now += 25 * 60 * 60_000
    })
    await expect.poll(() => kept(page), patient).toEqual([])
    await nothing(page)
  }, 60_000)

  it('after a week, and the page forgets it without asking', async () => {
    const begun = await begin()
    const heads = of(begun.log, 'HEAD').length
    await begun.context.addInitScript(() => {
      const { now } = Date
      Date.now = () => now() + 8 * 24 * 60 * 60_000
    })
    const page = await comeBack(begun)
    await expect.poll(() => kept(page), patient).toEqual([])
    await nothing(page)
    expect(of(begun.log, 'HEAD')).toHaveLength(heads)
  }, 60_000)

  it('on another page, or by another drop area', async () => {
    let id = 'one'
    const begun = await begin({}, helpers => helpers.dropArea({ id }))
    const other = await comeBack(begun, '/other')
    await nothing(other)
    id = 'two'
    await other.goto(new URL('/', other.url()).href)
    await nothing(other)
    id = 'one'
    await other.reload()
    await goOn(other).waitFor()
  }, 60_000)

  it('for a file that was chosen: browsers give no handle then', async () => {
    const { page, written } = await openResumable(chromium.browser)
    await throttle(page, 8 * mebibyte)
    await chooseFiles(page, sampleFile('film.bin', 8 * mebibyte).path)
    await expect.poll(written, patient).toBeGreaterThan(mebibyte)
    expect(await kept(page)).toEqual([])
  }, 60_000)

  it('by a second tab, as long as the first one carries the file; then it goes on there', async () => {
    // However long the second tab takes to look, the first one is still at work.
    const begun = await begin({}, undefined, 4)
    const { context, page, log } = begun
    const second = await context.newPage()
    await second.goto(page.url())
    await nothing(second)
    expect(of(log, 'HEAD')).toEqual([])
    await page.close()
    await success(second)
    expectNothingTwice(begun)
  }, 90_000)
})
