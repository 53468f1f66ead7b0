/** What page and engine do together: limits of one page, tokens, deletion. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { contentOf } from '../support/contents.ts'
import { openEngine } from './flask-engine.ts'
import { message, patient, text } from './page-fixture.ts'
import { chooseFiles, has, letTheServerCheck, useChromium } from './support.ts'

const chromium = useChromium()

const csrf = { secret: 'a secret of this test alone' }
const said = (page: Page, name: string) => expect.poll(() => message(page, name).textContent(), patient)

describe.skipIf(!has.chromium)('the limits of one page', () => {
  it('weak spot 12: are kept by the server, too', async () => {
    const policy = { accept: 'image/*', maxFileSize: '1 MiB' }
    const limits = { accept: '.png', maxFileSize: 0.001 }
    const { page, stored } = await openEngine(chromium.browser, { csrf, policy }, helpers => helpers.dropArea(limits))
    await page.locator('.dz-message').waitFor()
    await letTheServerCheck(page)
    await chooseFiles(page, [
      text('a.png', 'image/png', contentOf('png')),
      text('b.jpg', 'image/jpeg'),
      text('c.png', 'image/png', 'x'.repeat(1049)),
    ])
    await said(page, 'b.jpg').toBe('This file type is not allowed.')
    await said(page, 'c.png').toMatch(/^File is too big \(.*1.02 KiB\)\. Max filesize: 1.02 KiB\.$/)
    await page.locator('.dz-success').waitFor()
    expect(await stored()).toEqual(['a.png 29'])
  })

  it('hold for each of two areas', async () => {
    const policy = { accept: ['.png', '.txt'] }
    const { page, stored } = await openEngine(
      chromium.browser,
      { csrf, policy },
      helpers =>
        ['.png', '.txt']
          .map(accept => helpers.create({ id: accept, accept }) + helpers.config({ id: accept, accept }))
          .join('') + helpers.loadJs(),
    )
    await page.locator('.dz-message').nth(1).waitFor()
    for (const area of await page.locator('[data-dropgate]').all()) {
      await area.evaluate(element => {
        type Area = HTMLElement & { dropzone: { options: { acceptedFiles: null } } }
        ;(element as Area).dropzone.options.acceptedFiles = null
      })
    }
    await chooseFiles(page, [text('a.png', 'image/png', contentOf('png')), text('a.txt')], 0)
    await page.locator('.dz-success').waitFor()
    await said(page, 'a.txt').toBe('This file type is not allowed.')
    expect(await stored()).toEqual(['a.png 29'])
  })
})

describe.skipIf(!has.chromium)('a token of the engine', () => {
  it('is refreshed unseen, and keeps the limits of its page', async () => {
    const policy = { accept: ['.png', '.txt'] }
    const { page, stored } = await openEngine(chromium.browser, { csrf, policy }, helpers =>
      helpers.dropArea({ accept: '.png' }),
    )
    await page.locator('.dz-message').waitFor()
    await letTheServerCheck(page)
    await page.clock.install()
    const asked: string[] = []
    page.on('request', request => void asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
    // The page's clock goes on, the server's does not: the token is refreshed ahead.
    await page.clock.fastForward('03:00:00')
    await chooseFiles(page, [text('a.png', 'image/png', contentOf('png'))])
    await page.locator('.dz-success').waitFor()
    await chooseFiles(page, [text('b.txt')])
    await said(page, 'b.txt').toBe('This file type is not allowed.')
    expect(asked.filter(line => line.endsWith('/csrf'))).toEqual(['GET /uploads/csrf'])
    expect(await stored()).toEqual(['a.png 29'])
  })

  it('of a session that is gone is replaced once', async () => {
    const { page, stored } = await openEngine(chromium.browser, { csrf }, helpers => helpers.dropArea())
    await page.locator('.dz-message').waitFor()
    await page.context().clearCookies()
    await chooseFiles(page, [text('a.txt'), text('b.txt')])
    await page.locator('.dz-success').nth(1).waitFor()
    expect(await stored()).toEqual(['a.txt 1', 'b.txt 1'])
  })
})

describe.skipIf(!has.chromium)('deletion', () => {
  it('takes the removed file from the storage, and no other', async () => {
    const dropArea = { deleteOnRemove: true, uploadMultiple: true }
    const { page, stored } = await openEngine(chromium.browser, { csrf, dropArea }, helpers => helpers.dropArea())
    await chooseFiles(page, [text('a.txt'), text('b.txt')])
    await page.locator('.dz-success').nth(1).waitFor()
    await page.getByRole('button', { name: 'Remove file b.txt' }).click()
    await expect.poll(stored, patient).toEqual(['a.txt 1'])
  })
})
