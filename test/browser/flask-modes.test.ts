/** The modes of Flask-Dropzone, and what went wrong in them there. Numbers: the weak spots and traps of the guide. */
import { describe, expect, it } from 'vitest'
import { open, optionsOf, pageFixture, patient, text } from './page-fixture.ts'
import { type Answer, ownScripts, pageOf } from './page-server.ts'
import { chooseFiles, has } from './support.ts'

const fixture = pageFixture()
const page = () => fixture.page
const names = (count: number) => Array.from({ length: count }, (_, index) => text(`${index}.txt`))
const posted = (path: string) => fixture.server.arrived.filter(({ url }) => url === path)
const refuse = (name: string): ((upload: { body: Buffer }) => Answer) => {
  return ({ body }) =>
    body.includes(`filename="${name}"`)
      ? { status: 422, body: 'PNG only!' }
      : { status: 201, type: 'application/json', body: '{"files":[]}' }
}
/** Lets pending events pass that would submit or redirect wrongly. */
const settle = () => page().waitForTimeout(250)

describe.skipIf(!has.chromium)('upload on click', () => {
  it('weak spot 5, trap 15: one click sends all files, not only the first two, also in one request each three', async () => {
    for (const [dropArea, requests] of [
      [{}, 5],
      [{ uploadMultiple: true, parallelUploads: 3 }, 2],
    ] as const) {
      fixture.server.arrived.length = 0
      await open(
        fixture,
        `${pageOf({ dropArea: { uploadOnClick: true, ...dropArea } }).dropArea()}<button id="upload">Upload</button>`,
      )
      await chooseFiles(page(), names(5))
      await page().locator('.dz-preview').nth(4).waitFor()
      await page().locator('#upload').click()
      await page().locator('.dz-success').nth(4).waitFor()
      expect(fixture.server.arrived).toHaveLength(requests)
      // What comes later waits for its own click.
      await chooseFiles(page(), text('later.txt'))
      await settle()
      expect(fixture.server.arrived).toHaveLength(requests)
      await page().locator('#upload').click()
      await page().locator('.dz-success').nth(5).waitFor()
    }
  })

  it('weak spot 7: two areas, each with its own button and no global variable', async () => {
    const helpers = pageOf({})
    const globals = () => page().evaluate(() => Object.keys(window).sort())
    await open(fixture, '')
    const before = await globals()
    const area = (id: string) =>
      helpers.create({ id, action: `/${id}` }) +
      helpers.config({ id, uploadOnClick: true, uploadButtonId: `send-${id}` })
    await open(
      fixture,
      `${area('one')}${area('two')}<button id="send-one">One</button><button id="send-two">Two</button>${helpers.loadJs()}`,
    )
    // Each choice moves the hidden input of its area to the end.
    await chooseFiles(page(), names(2), 1)
    await chooseFiles(page(), names(3), 0)
    await page().locator('#two .dz-preview').nth(1).waitFor()
    await page().locator('#send-one').click()
    await page().locator('#one .dz-success').nth(2).waitFor()
    expect([posted('/one').length, posted('/two').length]).toEqual([3, 0])
    await page().locator('#send-two').click()
    await page().locator('#two .dz-success').nth(1).waitFor()
    expect((await globals()).filter(name => !before.includes(name))).toEqual(['dropgate'])
  })
})

describe.skipIf(!has.chromium)('in a form', () => {
  /** A form of the page's own, which goes to `/album`. */
  const form = (dropArea: object, button = '<button id="upload" name="go" value="1">Save</button>') =>
    `<form action="/album" method="post"><input name="title" value="Tour" required>${pageOf({ dropArea: { inForm: true, ...dropArea } }).dropArea()}${button}</form>`
  const save = () => page().getByRole('button', { name: 'Save' }).click()

  it.each([
    ['uploads at once', {}],
    ['waits for the click', { uploadOnClick: true }],
  ])('weak spot 4: %s, then submits once, with all its fields and the button', async (_what, dropArea) => {
    await open(fixture, form(dropArea))
    expect(await optionsOf(page())).toMatchObject({ url: '/uploads' })
    await chooseFiles(page(), names(5))
    await page().locator('.dz-preview').nth(4).waitFor()
    fixture.server.answer = () => ({ status: 200, type: 'text/html', body: 'Saved' })
    await page().locator('#upload').dblclick()
    await page().getByText('Saved').waitFor()
    await settle()
    expect(posted('/uploads')).toHaveLength(5)
    expect(posted('/uploads')[0]?.body.toString()).not.toContain('title')
    expect(posted('/album').map(({ body }) => body.toString())).toEqual(['title=Tour&go=1'])
  })

  it('submits once when it is asked to again while the page is being left', async () => {
    await open(fixture, form({}))
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    fixture.server.answer = async () => {
      await page().waitForTimeout(1000)
      return { status: 200, type: 'text/html', body: 'Saved' }
    }
    await page().evaluate(() => {
      const save = document.getElementById('upload')
      save?.click()
      setTimeout(() => save?.click(), 300)
    })
    await page().getByText('Saved').waitFor()
    expect(posted('/album')).toHaveLength(1)
  })

  it('weak spot 5: submits at once when no file was dropped', async () => {
    await open(fixture, form({ uploadOnClick: true }))
    await page().locator('.dz-message').waitFor()
    await save()
    await page().waitForURL('**/album')
    expect(posted('/uploads')).toHaveLength(0)
  })

  it('weak spot 6: stays after a refusal, until the refused file is taken away', async () => {
    fixture.server.answer = refuse('1.txt')
    await open(fixture, form({ uploadOnClick: true }))
    await chooseFiles(page(), names(3))
    await save()
    await page().locator('.dz-error').waitFor()
    await page().locator('.dz-success').nth(1).waitFor()
    await settle()
    expect(posted('/album')).toHaveLength(0)
    await save()
    await settle()
    expect(posted('/album')).toHaveLength(0)
    expect(await page().evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Remove file 1.txt')
    await page().keyboard.press('Enter')
    await save()
    await page().waitForURL('**/album')
    expect([posted('/uploads').length, posted('/album').length]).toEqual([3, 1])
  })

  it('is decided per page, and takes a button that is no submit button', async () => {
    const helpers = pageOf({})
    const area =
      helpers.create({ inForm: true, id: 'a' }) + helpers.config({ id: 'a', uploadOnClick: true, uploadButtonId: 'go' })
    await open(
      fixture,
      `<form action="/album" method="post">${area}</form><button id="go">Save</button>${helpers.loadJs()}`,
    )
    await chooseFiles(page(), names(1))
    await page().locator('.dz-preview').waitFor()
    await save()
    await page().waitForURL('**/album')
    expect(posted('/uploads')).toHaveLength(1)
  })

  it('says on the console what is missing when create() was not told', async () => {
    const said: string[] = []
    page().on('console', line => void said.push(line.text()))
    await open(fixture, `<form>${pageOf({}).dropArea()}</form>`)
    expect(said).toEqual([
      'Dropgate found settings for "myDropzone" but no drop area. Inside a form, give inForm: true to create().',
    ])
  })

  it('does not submit a form that the browser finds incomplete, nor one that the page keeps', async () => {
    ownScripts.set(
      '/keep.js',
      `document.querySelector('form').addEventListener('submit', event => { event.preventDefault(); document.title += '!' })`,
    )
    await open(fixture, `${form({})}<script src="/keep.js" defer></script>`)
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    await page().locator('[name=title]').fill('')
    await save()
    await page().locator('[name=title]').fill('x')
    await save()
    await save()
    expect(await page().title()).toBe('Page!!')
  })
})

describe.skipIf(!has.chromium)('redirect', () => {
  it('weak spot 6, trap 15: not after a refusal by the page or by the server, but when all is well', async () => {
    fixture.server.answer = refuse('0.txt')
    const redirectUrl = '/done?name=ü&x="1"'
    fixture.server.others.set('/done', () => ({ status: 200 }))
    await open(fixture, pageOf({ policy: { accept: '.txt' } }).dropArea({ redirectUrl }))
    await chooseFiles(page(), [text('a.exe')])
    await settle()
    await chooseFiles(page(), names(2))
    await page().locator('.dz-success').waitFor()
    await settle()
    expect(page().url()).toBe(`${fixture.server.origin}/`)
    await page().reload()
    await chooseFiles(page(), [text('good.txt')])
    await page().waitForURL('**/done?name=%C3%BC&x=%221%22')
  })
})

describe.skipIf(!has.chromium)('what the server says', () => {
  it('is in the DOM event of a success, and the tick mark stays', async () => {
    fixture.server.answer = () => ({ status: 201, type: 'application/json', body: '{"files":[{"id":"7"}]}' })
    ownScripts.set(
      '/own.js',
      `document.addEventListener('dropzone:success', event => { document.title = event.detail.args[1].files[0].id })`,
    )
    const options = {
      customOptions: 'success: function (file, answer) { window.answer = answer }, // end',
      nonce: 'abc',
    }
    fixture.server.contentPolicy = "default-src 'self'; script-src 'self' 'nonce-abc'; img-src 'self' data:"
    await open(fixture, `${pageOf({}).dropArea(options)}<script src="/own.js"></script>`)
    await chooseFiles(page(), names(1))
    await expect.poll(() => page().title(), patient).toBe('7')
    expect(await page().evaluate(() => (window as unknown as { answer: unknown }).answer)).toEqual({
      files: [{ id: '7' }],
    })
    expect(await page().locator('.dz-success .dz-success-mark').isVisible()).toBe(true)
  })
})

describe.skipIf(!has.chromium)('JavaScript of the developer', () => {
  it('weak spot 9: comments and missing semicolons at the end break nothing; options override', async () => {
    fixture.server.contentPolicy = "default-src 'self'; script-src 'self' 'nonce-abc'; img-src 'self' data:"
    const helpers = pageOf({ dropArea: { parallelUploads: 5, headers: { 'X-A': '1' } } })
    const id = 'my "zone"'
    const custom = {
      id,
      nonce: 'abc',
      customInit: `this.on('addedfile', () => { document.title = 'added' })\ndz.options.timeout = 77 // ms`,
      customOptions: `parallelUploads: 9, headers: { 'X-B': '2' }, renameFile: file => 'new-' + file.name // names`,
    }
    await open(fixture, helpers.create({ id }) + helpers.config(custom) + helpers.loadJs({ nonce: 'abc' }))
    expect(await optionsOf(page(), id)).toMatchObject({
      parallelUploads: 9,
      timeout: 77,
      headers: { 'X-A': '1', 'X-B': '2' },
    })
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    expect(await page().title()).toBe('added')
    expect(fixture.server.arrived[0]?.body.toString()).toContain('filename="new-0.txt"')
  })

  it('trap 1: fields as an object or a function are merged and never lost', async () => {
    ownScripts.set(
      '/own.js',
      `(window.dropgate ??= []).push(['myDropzone', { options: { params: { album: '7' } }, params: () => ({ tag: 'x' }) }])`,
    )
    await open(fixture, `<script src="/own.js"></script>${pageOf({ dropArea: { params: { user: 'u' } } }).dropArea()}`)
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    const fields = fixture.server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)
    expect(fields).toEqual([' name="tag"', ' name="album"', ' name="user"', ' name="file"'])
  })

  it('may be given in a file of its own, before and after ours', async () => {
    const option = (name: string) => `{ options: () => ({ ${name}: 3 }) }`
    ownScripts.set('/before.js', `(window.dropgate ??= []).push(['myDropzone', ${option('parallelUploads')}])`)
    ownScripts.set(
      '/after.js',
      `dropgate.push(['myDropzone', ${option('thumbnailWidth')}]); dropgate.configure('myDropzone', ${option('thumbnailHeight')})`,
    )
    await open(
      fixture,
      `<script src="/before.js"></script>${pageOf({}).dropArea()}<script src="/after.js" defer></script>`,
    )
    expect(await optionsOf(page())).toMatchObject({ parallelUploads: 3, thumbnailWidth: 3, thumbnailHeight: 3 })
  })
})

describe.skipIf(!has.chromium)('removing', () => {
  const kept = (...urls: string[]): Answer => ({
    status: 201,
    type: 'application/json',
    body: JSON.stringify({ files: urls.map(deleteUrl => ({ deleteUrl })) }),
  })

  it('asks first, when there is a question', async () => {
    const messages = { removeConfirmation: 'Remove it?' }
    await open(fixture, pageOf({ dropArea: { addRemoveLinks: true }, messages }).dropArea())
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    const asked: string[] = []
    let answer = false
    page().on('dialog', dialog => {
      asked.push(dialog.message())
      return answer ? dialog.accept() : dialog.dismiss()
    })
    await page().getByRole('button', { name: 'Remove file' }).click()
    expect(await page().locator('.dz-preview').count()).toBe(1)
    answer = true
    await page().getByRole('button', { name: 'Remove file' }).click()
    expect(await page().locator('.dz-preview').count()).toBe(0)
    expect(asked).toEqual(['Remove it?', 'Remove it?'])
  })

  it('deletes on the server, each file by its own URL, with the token', async () => {
    const csrf = { token: () => 't', url: '/uploads/csrf', expiresIn: null, header: 'X-CSRFToken', field: 'csrf_token' }
    fixture.server.answer = ({ method }) => (method === 'POST' ? kept('/uploads/a', '/uploads/b') : { status: 204 })
    await open(fixture, pageOf({ csrf, dropArea: { deleteOnRemove: true, uploadMultiple: true } }).dropArea())
    await chooseFiles(page(), names(2))
    await page().locator('.dz-success').nth(1).waitFor()
    await page().getByRole('button', { name: 'Remove file 1.txt' }).click()
    await expect.poll(() => fixture.server.arrived.length, patient).toBe(2)
    const { method, url, headers } = fixture.server.arrived[1] ?? {}
    expect([method, url, headers?.['x-csrftoken']]).toEqual(['DELETE', '/uploads/b', 't'])
  })

  it('deletes nothing when the list is cleared or the area goes, and nothing elsewhere', async () => {
    fixture.server.answer = () => kept('/uploads/a')
    await open(fixture, pageOf({ dropArea: { deleteOnRemove: true } }).dropArea())
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    await page().evaluate(() =>
      (document.getElementById('myDropzone') as unknown as { dropzone: { destroy(): void } }).dropzone.destroy(),
    )
    fixture.server.answer = () => kept('http://127.0.0.1:9/a')
    await page().reload()
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    await page().getByRole('button', { name: 'Remove file' }).click()
    await settle()
    expect(fixture.server.arrived.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  it('puts a file back that the server did not delete', async () => {
    fixture.server.answer = ({ method }) => (method === 'POST' ? kept('/uploads/a') : { status: 500 })
    await open(fixture, pageOf({ dropArea: { deleteOnRemove: true } }).dropArea())
    await chooseFiles(page(), names(1))
    await page().locator('.dz-success').waitFor()
    await page().getByRole('button', { name: 'Remove file' }).click()
    await page().locator('.dz-error').waitFor()
    expect(await page().locator('[data-dz-errormessage]').textContent()).toBe(
      '0.txt could not be deleted on the server.',
    )
    await expect
      .poll(() => page().getByRole('alert').textContent(), patient)
      .toBe('0.txt could not be deleted on the server.')
  })
})
