import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ownScripts, type PageServer, pageOf, startPageServer } from './page-server.ts'
import { chooseFiles, dropFiles, has, launchChromium, watch } from './support.ts'

let browser: Browser
let server: PageServer
let page: Page
let wrong: string[]

beforeAll(async () => {
  server = await startPageServer()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})
beforeEach(async () => {
  server.arrived.length = 0
  server.answer = () => ({ status: 201, type: 'application/json', body: '{"files":[]}' })
  page = await browser.newPage()
  wrong = await watch(page, ['Failed to load resource'])
})
afterEach(async () => {
  await page.close()
  expect(wrong).toEqual([])
})

const text = (name: string, mimeType = 'text/plain', body = 'x') => ({ name, mimeType, buffer: Buffer.from(body) })
const message = (name: string) => page.locator('.dz-preview', { hasText: name }).locator('[data-dz-errormessage]')

/** Dropzone's options of the element with an id, read in the page. */
const optionsOf = (id: string) =>
  page.evaluate(id => {
    const element = document.getElementById(id) as (HTMLElement & { dropzone?: { options: object } }) | null
    return element?.dropzone ? (JSON.parse(JSON.stringify(element.dropzone.options)) as Record<string, unknown>) : null
  }, id)

describe.skipIf(!has.chromium)('a page with a drop area', () => {
  it('sends a file and shows that it is kept', async () => {
    server.show(pageOf({}).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('straße "1" 🙂.txt'))
    await page.locator('.dz-preview.dz-success').waitFor()
    expect(server.arrived).toHaveLength(1)
    expect(server.arrived[0]?.body.toString()).toContain('name="file"; filename="straße %221%22 🙂.txt"')
    expect(await page.locator('.dz-preview .dz-success-mark').isVisible()).toBe(true)
    await expect.poll(() => page.getByRole('status').textContent()).toBe('straße "1" 🙂.txt was uploaded.')
  })

  it('takes a real file from a trusted drop', async () => {
    server.show(pageOf({}).dropArea())
    await page.goto(server.origin)
    await page.locator('.dz-message').waitFor()
    await page.evaluate(() => document.addEventListener('drop', event => (document.title = `${event.isTrusted}`), true))
    await dropFiles(page, page.locator('#myDropzone'), [fileURLToPath(import.meta.url)])
    await page.locator('.dz-success').waitFor()
    expect(await page.title()).toBe('true')
    expect(server.arrived[0]?.body.includes(await readFile(fileURLToPath(import.meta.url)))).toBe(true)
  })

  it('shows sizes as the sentences do, and nothing that moves for ever', async () => {
    server.show(pageOf({ dropArea: { autoProcessQueue: false } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('a.txt', 'text/plain', 'x'.repeat(1536)))
    expect(await page.locator('.dz-size').textContent()).toBe('1.5 KiB')
    expect(await page.locator('.dz-progress').evaluate(bar => getComputedStyle(bar).animationName)).toBe('none')
  })

  it('takes the plain form away, so that its fields do not travel along', async () => {
    server.show(pageOf({}).dropArea())
    await page.goto(server.origin)
    await page.locator('.dz-message').waitFor()
    expect(await page.locator('.fallback').count()).toBe(0)
    await chooseFiles(page, text('a.txt'))
    await page.locator('.dz-success').waitFor()
    expect(server.arrived[0]?.body.toString().match(/ name="/g)).toHaveLength(1)
  })

  it('hands every option to Dropzone as it was written, whatever characters it has', async () => {
    const evil = `</script><script>alert(1)</script><!-- "'\`\${alert(2)}\\ \u2028\u2029 &amp; <b>x</b>`
    const id = `my-zone "ü'\` </form> \${1}`
    const helpers = pageOf({
      dropArea: {
        paramName: evil,
        headers: { 'X-Note': 'a "b" </script>' },
        params: { [evil]: evil },
        dictFileInput: evil,
        dictUploaded: evil,
        thumbnailWidth: null,
        parallelUploads: 3,
        addRemoveLinks: true,
        timeout: 4000,
      },
      messages: {
        defaultMessage: `${evil}\r\nsecond line`,
        invalidFileType: evil,
        removeFile: evil,
        cancelUpload: evil,
        fallbackText: evil,
        serverError: evil,
      },
      policy: { accept: '.txt', maxFileSize: '1.5 MiB', maxFiles: 3 },
    })
    server.show(helpers.dropArea({ id, className: evil, redirectUrl: '/?to=</script>"' }))
    await page.goto(server.origin)
    expect(await optionsOf(id)).toMatchObject({
      paramName: evil,
      headers: { 'X-Note': 'a "b" </script>' },
      thumbnailWidth: null,
      parallelUploads: 3,
      timeout: 4000,
      maxFilesize: 1.5,
      maxFiles: 3,
      acceptedFiles: '.txt',
      dictDefaultMessage: `${evil}\r\nsecond line`,
      dictInvalidFileType: evil,
    })
    expect(await page.locator('.dz-button').evaluate(button => button.textContent)).toBe(`${evil}\r\nsecond line`)
    await chooseFiles(page, [text('a.exe')])
    expect(await message('a.exe').textContent()).toBe(evil)
    expect(await page.locator('.dz-remove').textContent()).toBe(evil)
    expect(await page.locator('script').count()).toBe(2)
    expect(await page.locator('b').count()).toBe(0)
  })

  it('sends further fields with the file', async () => {
    server.show(pageOf({ dropArea: { params: { album: '7', tag: ['a', 'b'] } } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('a.txt'))
    await page.locator('.dz-success').waitFor()
    const names = server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)
    expect(names).toEqual([' name="album"', ' name="tag"', ' name="tag"', ' name="file"'])
  })

  it.each(['my-zone', 'a.b:c#d', '1', 'für "dich"', '__proto__', 'constructor', 'x y'])('finds the id %j', async id => {
    server.show(pageOf({ dropArea: { parallelUploads: 7 } }).dropArea({ id }))
    await page.goto(server.origin)
    expect(await optionsOf(id)).toMatchObject({ parallelUploads: 7 })
  })

  it('runs two areas, each with its own settings', async () => {
    const [one, two] = [pageOf({ policy: { accept: '.png' } }), pageOf({ dropArea: { binaryBody: true } })]
    server.show(
      one.loadCss() +
        one.create({ id: 'one' }) +
        two.create({ id: 'two', action: '/uploads?folder=b' }) +
        one.config({ id: 'one' }) +
        two.config({ id: 'two' }) +
        one.loadJs(),
    )
    await page.goto(server.origin)
    expect(await optionsOf('one')).toMatchObject({ acceptedFiles: '.png', binaryBody: false })
    expect(await optionsOf('two')).toMatchObject({ acceptedFiles: null, binaryBody: true })
    await chooseFiles(page, text('ä&b=1.txt', 'text/plain', 'raw'), 1)
    await page.locator('#two .dz-success').waitFor()
    const [upload] = server.arrived
    expect(upload?.url).toBe('/uploads?folder=b&name=%C3%A4%26b%3D1.txt')
    expect(upload?.headers['content-type']).toBe('text/plain')
    expect(upload?.body.toString()).toBe('raw')
  })

  it('sends several files in one request', async () => {
    server.show(pageOf({ dropArea: { uploadMultiple: true, parallelUploads: 3 } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(
      page,
      ['a.txt', 'b.txt', 'c.txt'].map(name => text(name)),
    )
    await page.locator('.dz-success').nth(2).waitFor()
    expect(server.arrived).toHaveLength(1)
    expect(server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)).toEqual([
      ' name="file[0]"',
      ' name="file[1]"',
      ' name="file[2]"',
    ])
  })

  it('works with a Dropzone that the page loads itself', async () => {
    const helpers = pageOf({ policy: { maxFiles: 4 } })
    server.show(helpers.loadCss() + helpers.create() + helpers.config() + helpers.loadJs({ url: '/dropzone-min.js' }))
    await page.goto(server.origin)
    expect(await optionsOf('myDropzone')).toMatchObject({ maxFiles: 4 })
  })

  it('starts when the script comes late, and areas that come later still', async () => {
    ownScripts.set(
      '/late.js',
      `addEventListener('load', () => setTimeout(() => {
        const script = document.createElement('script')
        script.src = '/dropgate.js'
        document.head.append(script)
      }))`,
    )
    const helpers = pageOf({ dropArea: { parallelUploads: 5 } })
    server.show(`${helpers.create()}${helpers.config()}<script src="/late.js"></script>`)
    await page.goto(server.origin)
    await page.locator('.dz-message').waitFor()
    await page.evaluate(
      html => {
        document.body.insertAdjacentHTML('beforeend', html)
        ;(window as unknown as { dropgate: { start(): void } }).dropgate.start()
      },
      helpers.create({ id: 'later' }) + helpers.config({ id: 'later' }),
    )
    expect(await optionsOf('later')).toMatchObject({ parallelUploads: 5 })
  })

  it('takes functions before and after the start', async () => {
    ownScripts.set('/own.js', `dropgate.configure('my-zone', { renameFile: file => 'new ' + file.name })`)
    server.show(`${pageOf({}).dropArea({ id: 'my-zone' })}<script src="/own.js" defer></script>`)
    await page.goto(server.origin)
    await page.evaluate(() => {
      type Configure = (id: string, functions: object) => void
      const { dropgate } = window as unknown as { dropgate: { configure: Configure } }
      dropgate.configure('my-zone', {
        params: () => ({ album: '9' }),
        on: { success: (_file: File, answer: unknown) => (document.title = JSON.stringify(answer)) },
      })
    })
    await chooseFiles(page, text('a.txt'))
    await expect.poll(() => page.title()).toBe('{"files":[]}')
    expect(server.arrived[0]?.body.toString()).toMatch(/name="album"[\s\S]*filename="new a.txt"/)
  })

  it('leaves the page only when every file is kept', async () => {
    server.show(pageOf({ policy: { accept: '.txt' } }).dropArea({ redirectUrl: '/dropgate.css' }))
    await page.goto(server.origin)
    await chooseFiles(page, [text('a.txt'), text('b.exe')])
    await page.locator('.dz-success').waitFor()
    await page.waitForTimeout(200)
    expect(page.url()).toBe(`${server.origin}/`)
    await page.reload()
    await chooseFiles(page, [text('a.txt')])
    await page.waitForURL('**/dropgate.css')
  })

  it('sends all that waits with one processQueue()', async () => {
    server.show(pageOf({ dropArea: { autoProcessQueue: false, parallelUploads: 1 } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(
      page,
      ['a.txt', 'b.txt', 'c.txt'].map(name => text(name)),
    )
    await page.evaluate(() => {
      type Area = HTMLElement & { dropzone: { processQueue(): void } }
      ;(document.getElementById('myDropzone') as Area).dropzone.processQueue()
    })
    await page.locator('.dz-success').nth(2).waitFor()
    expect(server.arrived).toHaveLength(3)
  })
})

describe.skipIf(!has.chromium)('refusals', () => {
  it('says the reason in the page, spoken and seen without a mouse', async () => {
    server.show(pageOf({ policy: { accept: ['image/*', '.pdf'] } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('tool.exe', 'application/x-msdownload'))
    await page.mouse.move(0, 0)
    await expectVisible('tool.exe', 'This file type is not allowed.')
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('tool.exe: This file type is not allowed.')
    expect(server.arrived).toHaveLength(0)
  })

  it('says the size as the server does', async () => {
    server.show(pageOf({ policy: { maxFileSize: '10 MiB' } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, { name: 'big.bin', mimeType: '', buffer: Buffer.alloc(12 * 1024 ** 2) })
    await expectVisible('big.bin', 'File is too big (12 MiB). Max filesize: 10 MiB.')
    await chooseFiles(page, { name: 'fits.bin', mimeType: '', buffer: Buffer.alloc(10 * 1024 ** 2) })
    await page.locator('.dz-success').waitFor()
  })

  it('lets pass what the server lets pass: other case, no type but a known extension', async () => {
    server.show(pageOf({ policy: { accept: ['image/*', '.PDF'] } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, [text('photo.heic', ''), text('a.pdf', 'application/pdf'), text('B.PNG', 'IMAGE/PNG')])
    await page.locator('.dz-success').nth(2).waitFor()
  })

  it('counts', async () => {
    server.show(pageOf({ policy: { maxFiles: 1 }, messages: { maxFilesExceeded: 'Only {{maxFiles}}!' } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('a.txt'))
    await page.locator('.dz-success').waitFor()
    await chooseFiles(page, text('b.txt'))
    await expectVisible('b.txt', 'Only 1!')
  })

  it.each([
    ['a sentence', { status: 422, body: 'PNG only!' }, 'PNG only!'],
    ['markup as text', { status: 422, body: '<b>no</b>' }, '<b>no</b>'],
    ['an error as JSON', { status: 422, type: 'application/json', body: '{"error":"No."}' }, 'No.'],
    [
      'JSON without a sentence',
      { status: 400, type: 'application/json', body: '{"message":"x"}' },
      'Server responded with 400 code.',
    ],
    [
      'the page of a proxy',
      { status: 413, type: 'text/html', body: '<h1>Too large</h1>' },
      'Server responded with 413 code.',
    ],
    ['nothing', { status: 500 }, 'Server responded with 500 code.'],
    ['no answer at all', undefined, 'The connection was lost. Check it and try again.'],
  ])('shows %s of the server in words', async (_what, answer, sentence) => {
    server.answer = () => answer
    server.show(pageOf({}).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('a.txt'))
    await expectVisible('a.txt', sentence)
  })

  it('says so when a time limit has passed', async () => {
    await page.route('**/uploads', () => undefined)
    server.show(pageOf({ dropArea: { timeout: 300 } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, text('a.txt'))
    await expectVisible('a.txt', 'The upload took too long.')
  })
})

describe.skipIf(!has.chromium)('with the keyboard', () => {
  it('there is a visible focus, a way to add more, and named buttons that keep the focus when a file goes', async () => {
    server.show(pageOf({ policy: { accept: '.txt' }, dropArea: { addRemoveLinks: true } }).dropArea())
    await page.goto(server.origin)
    await chooseFiles(page, [text('a.txt'), text('b.txt')])
    await page.locator('.dz-success').nth(1).waitFor()
    const add = page.getByRole('button', { name: 'Drop files here or click to upload.' })
    expect(await add.isVisible()).toBe(true)
    await page.keyboard.press('Tab')
    expect(
      await add.evaluate(button => [document.activeElement === button, getComputedStyle(button).outlineStyle]),
    ).toEqual([true, 'solid'])
    const limits = await add.evaluate(
      button => document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent,
    )
    expect(limits).toBe(pageOf({ policy: { accept: '.txt' } }).sentence)
    const first = page.getByRole('button', { name: 'Remove file a.txt' })
    expect((await first.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    await first.focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Remove file b.txt')
    await page.keyboard.press('Space')
    expect(await add.evaluate(button => document.activeElement === button)).toBe(true)
    expect(await page.locator('.dz-preview').count()).toBe(0)
  })
})

describe.skipIf(!has.chromium)('without script', () => {
  it('is a labelled form that posts the files', async () => {
    const plain = await browser.newPage({ javaScriptEnabled: false })
    server.answer = () => ({ status: 200, type: 'text/html', body: '<p>Kept.</p>' })
    server.show(pageOf({ policy: { accept: '.txt' } }).dropArea())
    await plain.goto(server.origin)
    const input = plain.getByLabel('Choose files')
    expect([await input.getAttribute('accept'), await input.getAttribute('multiple')]).toEqual(['.txt', ''])
    await input.setInputFiles([text('a.txt'), text('b.txt')])
    await plain.getByRole('button', { name: 'Upload' }).click()
    await plain.getByText('Kept.').waitFor()
    expect(server.arrived[0]?.body.toString().match(/ name="[^"]*"; filename="[^"]*"/g)).toEqual([
      ' name="file[]"; filename="a.txt"',
      ' name="file[]"; filename="b.txt"',
    ])
    await plain.close()
  })
})

/** The sentence stands in Dropzone's own place and can be read with no pointer near it. */
async function expectVisible(name: string, sentence: string): Promise<void> {
  await expect.poll(() => message(name).textContent()).toBe(sentence)
  await expect
    .poll(() => message(name).evaluate(element => element.checkVisibility({ opacityProperty: true })))
    .toBe(true)
  expect((await message(name).boundingBox())?.height).toBeGreaterThan(8)
}
