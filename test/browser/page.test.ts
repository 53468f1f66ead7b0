import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { message, open, pageFixture, text } from './page-fixture.ts'
import { ownScripts, pageOf } from './page-server.ts'
import { chooseFiles, dropFiles, has, throttle, watch } from './support.ts'

const fixture = pageFixture()

/** Dropzone's options of the element with an id, read in the fixture.page. */
const optionsOf = (id: string) =>
  fixture.page.evaluate(id => {
    const element = document.getElementById(id) as (HTMLElement & { dropzone?: { options: object } }) | null
    return element?.dropzone ? (JSON.parse(JSON.stringify(element.dropzone.options)) as Record<string, unknown>) : null
  }, id)

const between = (percent: number) => percent > 0 && percent < 100

describe.skipIf(!has.chromium)('a page with a drop area', () => {
  it('sends a file and shows that it is kept', async () => {
    await open(fixture, pageOf({}).dropArea())
    await chooseFiles(fixture.page, text('straße "1" 🙂.txt'))
    await fixture.page.locator('.dz-preview.dz-success').waitFor()
    expect(fixture.server.arrived).toHaveLength(1)
    expect(fixture.server.arrived[0]?.body.toString()).toContain('name="file"; filename="straße %221%22 🙂.txt"')
    expect(await fixture.page.locator('.dz-preview .dz-success-mark').isVisible()).toBe(true)
    await expect.poll(() => fixture.page.getByRole('status').textContent()).toBe('straße "1" 🙂.txt was uploaded.')
  })

  it('takes a real file from a trusted drop', async () => {
    await open(fixture, pageOf({}).dropArea())
    await fixture.page.locator('.dz-message').waitFor()
    await fixture.page.evaluate(() =>
      document.addEventListener('drop', event => (document.title = `${event.isTrusted}`), true),
    )
    await dropFiles(fixture.page, fixture.page.locator('#myDropzone'), [fileURLToPath(import.meta.url)])
    await fixture.page.locator('.dz-success').waitFor()
    expect(await fixture.page.title()).toBe('true')
    expect(fixture.server.arrived[0]?.body.includes(await readFile(fileURLToPath(import.meta.url)))).toBe(true)
  })

  it('shows sizes as the sentences do, and nothing that moves for ever', async () => {
    await open(fixture, pageOf({ dropArea: { autoProcessQueue: false } }).dropArea())
    await chooseFiles(fixture.page, text('a.txt', 'text/plain', 'x'.repeat(1536)))
    expect(await fixture.page.locator('.dz-size').textContent()).toBe('1.5 KiB')
    expect(await fixture.page.locator('.dz-progress').evaluate(bar => getComputedStyle(bar).animationName)).toBe('none')
  })

  it('tells how far a file is on a slow line', async () => {
    await open(fixture, pageOf({}).dropArea())
    await fixture.page.locator('.dz-message').waitFor()
    await throttle(fixture.page, 1024 ** 2)
    await chooseFiles(fixture.page, text('a.txt', 'text/plain', 'x'.repeat(1024 ** 2)))
    const bar = fixture.page.getByRole('progressbar', { name: 'a.txt' })
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { interval: 20 }).toSatisfy(between)
    await fixture.page.locator('.dz-success').waitFor()
  })

  it('takes the plain form away, so that its fields do not travel along', async () => {
    await open(fixture, pageOf({}).dropArea())
    await fixture.page.locator('.dz-message').waitFor()
    expect(await fixture.page.locator('.fallback').count()).toBe(0)
    await chooseFiles(fixture.page, text('a.txt'))
    await fixture.page.locator('.dz-success').waitFor()
    expect(fixture.server.arrived[0]?.body.toString().match(/ name="/g)).toHaveLength(1)
  })

  it('trap 3: hands every option to Dropzone as it was written, whatever characters it has', async () => {
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
    await open(fixture, helpers.dropArea({ id, className: evil, redirectUrl: '/?to=</script>"' }))
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
    expect(await fixture.page.locator('.dz-button').evaluate(button => button.textContent)).toBe(
      `${evil}\r\nsecond line`,
    )
    await chooseFiles(fixture.page, [text('a.exe')])
    expect(await message(fixture.page, 'a.exe').textContent()).toBe(evil)
    expect(await fixture.page.locator('.dz-remove').textContent()).toBe(evil)
    expect(await fixture.page.locator('script').count()).toBe(2)
    expect(await fixture.page.locator('b').count()).toBe(0)
  })

  it('sends further fields with the file', async () => {
    await open(fixture, pageOf({ dropArea: { params: { album: '7', tag: ['a', 'b'] } } }).dropArea())
    await chooseFiles(fixture.page, text('a.txt'))
    await fixture.page.locator('.dz-success').waitFor()
    const names = fixture.server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)
    expect(names).toEqual([' name="album"', ' name="tag"', ' name="tag"', ' name="file"'])
  })

  it.each(['my-zone', 'a.b:c#d', '1', 'für "dich"', '__proto__', 'constructor', 'x y'])(
    'weak spot 2: finds the id %j',
    async id => {
      await open(fixture, pageOf({ dropArea: { parallelUploads: 7 } }).dropArea({ id }))
      expect(await optionsOf(id)).toMatchObject({ parallelUploads: 7 })
    },
  )

  it('weak spot 10: runs two areas, each with its own settings', async () => {
    const [one, two] = [pageOf({ policy: { accept: '.png' } }), pageOf({ dropArea: { binaryBody: true } })]
    await open(
      fixture,
      one.loadCss() +
        one.create({ id: 'one' }) +
        two.create({ id: 'two', action: '/uploads?folder=b' }) +
        one.config({ id: 'one' }) +
        two.config({ id: 'two' }) +
        one.loadJs(),
    )
    expect(await optionsOf('one')).toMatchObject({ acceptedFiles: '.png', binaryBody: false })
    expect(await optionsOf('two')).toMatchObject({ acceptedFiles: null, binaryBody: true })
    await chooseFiles(fixture.page, text('ä&b=1.txt', 'text/plain', 'raw'), 1)
    await fixture.page.locator('#two .dz-success').waitFor()
    const [upload] = fixture.server.arrived
    expect(upload?.url).toBe('/uploads?folder=b&name=%C3%A4%26b%3D1.txt')
    expect(upload?.headers['content-type']).toBe('text/plain')
    expect(upload?.body.toString()).toBe('raw')
  })

  it('sends several files in one request', async () => {
    await open(fixture, pageOf({ dropArea: { uploadMultiple: true, parallelUploads: 3 } }).dropArea())
    await chooseFiles(
      fixture.page,
      ['a.txt', 'b.txt', 'c.txt'].map(name => text(name)),
    )
    await fixture.page.locator('.dz-success').nth(2).waitFor()
    expect(fixture.server.arrived).toHaveLength(1)
    expect(fixture.server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)).toEqual([
      ' name="file[0]"',
      ' name="file[1]"',
      ' name="file[2]"',
    ])
  })

  it('works with a Dropzone that the page loads itself', async () => {
    const helpers = pageOf({ policy: { maxFiles: 4 } })
    await open(
      fixture,
      helpers.loadCss() + helpers.create() + helpers.config() + helpers.loadJs({ url: '/dropzone-6.js' }),
    )
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
    await open(fixture, `${helpers.create()}${helpers.config()}<script src="/late.js"></script>`)
    await fixture.page.locator('.dz-message').waitFor()
    await fixture.page.evaluate(
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
    await open(fixture, `${pageOf({}).dropArea({ id: 'my-zone' })}<script src="/own.js" defer></script>`)
    await fixture.page.evaluate(() => {
      type Configure = (id: string, functions: object) => void
      const { dropgate } = window as unknown as { dropgate: { configure: Configure } }
      dropgate.configure('my-zone', {
        params: () => ({ album: '9' }),
        on: { success: (_file: File, answer: unknown) => (document.title = JSON.stringify(answer)) },
      })
    })
    await chooseFiles(fixture.page, text('a.txt'))
    await expect.poll(() => fixture.page.title()).toBe('{"files":[]}')
    expect(fixture.server.arrived[0]?.body.toString()).toMatch(/name="album"[\s\S]*filename="new a.txt"/)
  })

  it('leaves the page only when every file is kept', async () => {
    await open(fixture, pageOf({ policy: { accept: '.txt' } }).dropArea({ redirectUrl: '/dropgate.css' }))
    await chooseFiles(fixture.page, [text('a.txt'), text('b.exe')])
    await fixture.page.locator('.dz-success').waitFor()
    await fixture.page.waitForTimeout(200)
    expect(fixture.page.url()).toBe(`${fixture.server.origin}/`)
    await fixture.page.reload()
    await chooseFiles(fixture.page, [text('a.txt')])
    await fixture.page.waitForURL('**/dropgate.css')
  })

  it('sends all that waits with one processQueue()', async () => {
    await open(fixture, pageOf({ dropArea: { autoProcessQueue: false, parallelUploads: 1 } }).dropArea())
    await chooseFiles(
      fixture.page,
      ['a.txt', 'b.txt', 'c.txt'].map(name => text(name)),
    )
    await fixture.page.evaluate(() => {
      type Area = HTMLElement & { dropzone: { processQueue(): void } }
      ;(document.getElementById('myDropzone') as Area).dropzone.processQueue()
    })
    await fixture.page.locator('.dz-success').nth(2).waitFor()
    expect(fixture.server.arrived).toHaveLength(3)
  })
})

describe.skipIf(!has.chromium)('the watch over a page', () => {
  it('notices what the policy forbids', async () => {
    const other = await fixture.browser.newPage()
    const seen = await watch(other)
    fixture.server.show(`${pageOf({}).dropArea()}<script>document.title = 'ran'</script><p style="color: red">`)
    await other.goto(fixture.server.origin)
    await expect.poll(() => seen.filter(line => line.startsWith('policy:')).length).toBe(2)
    expect(await other.title()).toBe('Page')
    await other.close()
  })
})
