import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeServers, startProtected, startProxy } from './csrf-server.ts'
import { patient } from './page-fixture.ts'
import { chooseFiles, has, sentenceOf, useChromium, watch } from './support.ts'

const chromium = useChromium()
let context: BrowserContext
let page: Page

afterEach(async () => {
  await context?.close()
  await closeServers()
})

const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') })
const three = 3 * 3_600_000

describe.skipIf(!has.chromium)('our own pages in Chromium', () => {
  let wrong: string[]
  const visit = async (url: string, options = {}) => {
    context = await chromium.browser.newContext(options)
    page = await context.newPage()
    wrong = await watch(page, ['Failed to load resource'])
    await page.addInitScript(() => {
      const now = Date.now
      Date.now = () => now() + Number((window as { late?: number }).late ?? 0)
    })
    await page.goto(url)
  }
  beforeEach(() => void (wrong = []))
  afterEach(() => expect(wrong).toEqual([]))
  const kept = (count: number) => expect.poll(() => page.locator('.dz-success').count(), patient).toBe(count)
  const pageClock = (ms: number) => page.evaluate(late => void Object.assign(window, { late }), ms)

  it.each(['/', '/?quiet'])('%s: the drop area and an ordinary form work', async path => {
    const app = await startProtected()
    await visit(app.origin + path)
    await chooseFiles(page, [text('a.txt'), text('b.txt')])
    await kept(2)
    expect(await app.stored()).toEqual(['a.txt', 'b.txt'])
    await page.locator('#ordinary').evaluate(form => (form as HTMLFormElement).submit())
    await page.getByText('noted hello').waitFor()
    // The very header by which a strict referrer or origin check would refuse the page.
    const note = app.log.find(({ what }) => what === 'POST /note')
    expect(note).toMatchObject({ status: 200, site: 'same-origin', origin: path === '/' ? app.origin : 'null' })
  })

  it('works over plain http off loopback, and without script', async () => {
    const app = await startProtected()
    const proxy = { server: await startProxy() }
    await visit(`http://app.test:${app.port}/`, { proxy })
    await chooseFiles(page, text('a.txt'))
    await kept(1)
    expect(app.log.find(({ what }) => what === 'POST /uploads')).toMatchObject({ site: undefined, status: 201 })
    await context.close()
    await visit(`http://app.test:${app.port}/`, { proxy, javaScriptEnabled: false })
    await page.locator('input[type=file]').setInputFiles(text('b.txt'))
    await page.locator('[type=submit]').first().click()
    await page.getByText('b.txt').waitFor()
    expect(await app.stored()).toEqual(['a.txt', 'b.txt'])
  })

  describe('open for three hours', () => {
    const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']
    const modes = [
      { mode: 'single', dropArea: {}, files: 1, refused: 1 },
      { mode: 'one by one', dropArea: { parallelUploads: 1 }, files: 5, refused: 1 },
      { mode: 'two at a time', dropArea: { parallelUploads: 2 }, files: 5, refused: 2 },
      { mode: 'together', dropArea: { uploadMultiple: true, parallelUploads: 3 }, files: 5, refused: 2 },
      { mode: 'on click', dropArea: { uploadOnClick: true, uploadButtonId: 'send' }, files: 5, refused: 5 },
    ]

    it.each(modes)('uploads $mode after a refresh ahead', async ({ dropArea, files }) => {
      const app = await startProtected({ dropArea })
      await visit(app.origin)
      app.time.now += three
      await pageClock(three)
      await chooseFiles(page, names.slice(0, files).map(text))
      if ('uploadOnClick' in dropArea) await page.locator('#send').click()
      await kept(files)
      expect(new Set(app.answers('POST /uploads'))).toEqual(new Set([201]))
      expect(app.answers('GET /uploads/csrf')).toEqual([200])
      expect(await page.locator('.dz-error').count()).toBe(0)
      expect(await app.stored()).toEqual(names.slice(0, files))
    })

    it.each(modes)('uploads $mode after one unseen retry, when its clock stood still', async mode => {
      const { dropArea, files, refused } = mode
      const app = await startProtected({ dropArea })
      await visit(app.origin)
      await page.evaluate(() => {
        const area = document.querySelector('[data-dropgate]') as HTMLElement & {
          dropzone: { on: typeof addEventListener }
        }
        area.dropzone.on('error', () => document.body.setAttribute('data-seen', 'error'))
      })
      app.time.now += three
      await chooseFiles(page, names.slice(0, files).map(text))
      if ('uploadOnClick' in dropArea) await page.locator('#send').click()
      await kept(files)
      const answers = app.answers('POST /uploads')
      expect(answers.filter(status => status === 400).length).toBeLessThanOrEqual(refused)
      expect(answers.filter(status => status === 400).length).toBeGreaterThanOrEqual(1)
      expect(app.answers('GET /uploads/csrf')).toEqual([200])
      expect(await page.locator('.dz-error, [data-seen]').count()).toBe(0)
      expect(await app.stored()).toEqual(names.slice(0, files))
    })

    it('a session that ended is told, once, and not asked for for ever', async () => {
      const visitor: { session: string | undefined } = { session: 'one' }
      const csrf = { secret: 'a secret of sixteen letters', sessionId: () => visitor.session }
      const app = await startProtected({ csrf })
      await visit(app.origin)
      visitor.session = undefined
      await chooseFiles(page, text('a.txt'))
      expect(await sentenceOf(page, 'a.txt')).toBe('The CSRF session token is missing.')
      expect(app.answers('POST /uploads')).toEqual([400])
      expect(app.answers('GET /uploads/csrf')).toEqual([400])
      expect(await app.stored()).toEqual([])
    })
  })

  describe('a refused token is told on the drop area', () => {
    const session: { id: string | undefined } = { id: undefined }
    const csrf = { secret: 'a secret of sixteen letters', sessionId: () => session.id }
    const strange = () => {
      const area = document.querySelector('script[data-dropgate-for], script[type="application/json"]') as HTMLElement
      area.textContent = (area.textContent ?? '').replace(/("token":")./, '$1_')
    }
    beforeEach(() => void (session.id = 'one'))

    it.each([
      ['The CSRF token is missing.', '/?unsigned', () => {}],
      ['The CSRF session token is missing.', '/', () => void (session.id = undefined)],
      ['The CSRF token has expired.', '/', (time: { now: number }) => void (time.now += three)],
      ['The CSRF tokens do not match.', '/', () => void (session.id = 'two')],
      ['The CSRF token is invalid.', '/', () => {}],
    ])('%s', async (sentence, path, spoil) => {
      const app = await startProtected({ csrf })
      context = await chromium.browser.newContext()
      page = await context.newPage()
      await page.route('**/uploads/csrf', route => route.abort())
      if (sentence.includes('invalid')) {
        await page.addInitScript(
          `document.addEventListener('readystatechange', ${strange}, { once: true, capture: true })`,
        )
      }
      await page.goto(app.origin + path)
      await page.locator('.dz-message').waitFor()
      spoil(app.time)
      await chooseFiles(page, text('a.txt'))
      expect(await sentenceOf(page, 'a.txt')).toBe(sentence)
      expect(await app.stored()).toEqual([])
    })
  })
})
