/** Three generations of the real Dropzone against the real endpoint: with our script, and without any of it. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type DropgateOptions, UploadError, type UploadErrorCode, uploadErrors } from '../../src/index.ts'
import { type Helpers, openEngine } from './flask-engine.ts'
import { text } from './page-fixture.ts'
import type { dropzones } from './page-server.ts'
import { chooseFiles, has, useChromium } from './support.ts'

type Version = keyof typeof dropzones

const chromium = useChromium()

const start = (options: Partial<DropgateOptions>, html: (helpers: Helpers) => string) =>
  openEngine(chromium.browser, options, html)

/** A page without a line of ours. */
const bare = (version: Version, options: string, controls = '') =>
  `<form id="zone" class="dropzone" action="/uploads" method="post" enctype="multipart/form-data">${controls}</form>
<script src="/dropzone-${version}.js"></script>
<script>Dropzone.autoDiscover = false; new Dropzone('#zone', {${options}})</script>`

/** The same with our part. */
const glued = (version: Version, options: string, helpers: Helpers, controls = '') =>
  helpers.create({ id: 'zone' }).replace('</form>', `${controls}</form>`) +
  helpers.config({ id: 'zone', customOptions: options, nonce: 'unused' }) +
  helpers.loadJs({ url: `/dropzone-${version}.js` })

const ways = [
  ['bare', (version: Version, options: string, _: Helpers, controls?: string) => bare(version, options, controls)],
  ['with our script', glued],
] as const
const cases = ([5, 6, 7] as const).flatMap(version => ways.map(([way, show]) => [version, way, show] as const))
const success = (page: Page, count: number) =>
  page
    .locator('.dz-success')
    .nth(count - 1)
    .waitFor()
const two = [text('a.txt', 'text/plain', 'aaa'), text('straße "1".txt', 'text/plain', '')]

describe.skipIf(!has.chromium).each(cases)('Dropzone %s, %s', (version, way, show) => {
  it.each([
    ['plain', ''],
    ['multiple', 'uploadMultiple: true'],
    ['a paramName function', 'uploadMultiple: true, paramName: () => "files"'],
    ['renameFile with a path', 'renameFile: file => "dir/../../etc/" + file.name'],
  ])('uploads: %s', async (_mode, options) => {
    const { page, stored } = await start({}, helpers => show(version, options, helpers))
    await chooseFiles(page, two)
    await success(page, 2)
    expect(await stored()).toEqual(['a.txt 3', expect.stringMatching(/^straße .*\.txt 0$/)])
  })

  it('sends the controls of the form along', async () => {
    const controls = `<input name="album" value="7"><input type="checkbox" name="no" value="1"><select name="tag" multiple><option selected>x<option selected>y</select>`
    const { page, fields } = await start({}, helpers => show(version, '', helpers, controls))
    await chooseFiles(page, two.slice(0, 1))
    await success(page, 1)
    expect(fields).toEqual(['album=7', 'tag=x', 'tag=y'])
  })

  if (version !== 5)
    it('uploads: a raw body', async () => {
      const url = way === 'bare' ? ', url: files => "/uploads?name=" + encodeURIComponent(files[0].name)' : ''
      const { page, stored } = await start({}, helpers =>
        way === 'bare'
          ? bare(version, `binaryBody: true${url}`)
          : helpers.create({ id: 'zone' }) +
            helpers.config({ id: 'zone', binaryBody: true }) +
            helpers.loadJs({ url: `/dropzone-${version}.js` }),
      )
      await chooseFiles(page, two.slice(0, 1))
      await success(page, 1)
      expect(await stored()).toEqual(['a.txt 3'])
    })

  it('shows the sentence of every refusal', async () => {
    const codes = Object.keys(uploadErrors) as UploadErrorCode[]
    const onUploadCreate = ({ name }: { readonly name: string }) => {
      throw new UploadError(name.replace('.txt', '') as UploadErrorCode)
    }
    const { page } = await start({ onUploadCreate }, helpers => show(version, 'createImageThumbnails: false', helpers))
    await chooseFiles(
      page,
      codes.map(code => text(`${code}.txt`)),
    )
    await page
      .locator('.dz-error')
      .nth(codes.length - 1)
      .waitFor()
    const shown = await page
      .locator('.dz-preview')
      .evaluateAll(previews =>
        previews.map(preview =>
          ['[data-dz-name]', '[data-dz-errormessage]'].map(part => preview.querySelector(part)?.textContent),
        ),
      )
    expect(shown).toEqual(codes.map(code => [`${code}.txt`, uploadErrors[code].text]))
  })

  it.each([
    ['a wrong type', { accept: '.png' }, 'This file type is not allowed.'],
    [
      'a file that is too big',
      { maxFileSize: '2 bytes' },
      'File is too big (more than 2 bytes). Max filesize: 2 bytes.',
    ],
    ['one file too many', { maxFiles: 1 }, 'You can not upload any more files.'],
    ['an empty file', { emptyFiles: false }, 'The file is empty.'],
  ])('shows what the policy says of %s', async (_what, policy, sentence) => {
    const { page, stored } = await start({ policy }, helpers =>
      show(version, 'uploadMultiple: true, acceptedFiles: null, maxFilesize: null, maxFiles: null', helpers),
    )
    await chooseFiles(page, two)
    await page.locator('.dz-error').nth(1).waitFor()
    expect(await page.locator('[data-dz-errormessage]').allTextContents()).toEqual([sentence, sentence])
    expect(await stored()).toEqual([])
  })

  if (way !== 'bare') {
    it('weak spot 3: is given its settings once, whatever it discovers by itself', async () => {
      const dropArea = { parallelUploads: 7 }
      const { page } = await start({ dropArea }, helpers => show(version, 'thumbnailWidth: 3', helpers))
      await page.locator('#zone .dz-message').waitFor()
      const options = await page.locator('#zone').evaluate(element => {
        type Area = HTMLElement & { dropzone: { options: Record<string, unknown> } }
        const { parallelUploads, thumbnailWidth } = (element as Area).dropzone.options
        return [parallelUploads, thumbnailWidth]
      })
      expect(options).toEqual([7, 3])
      expect(await page.locator('.dz-hidden-input').count()).toBe(1)
    })
  }

  it('with tokens on: uploads with our script, reads why without', async () => {
    const csrf = { secret: 'a secret of this test alone' }
    const { page, stored } = await start({ csrf }, helpers => show(version, '', helpers))
    await chooseFiles(page, two.slice(0, 1))
    if (way === 'bare') {
      await page.locator('.dz-error').waitFor()
      expect(await page.locator('[data-dz-errormessage]').textContent()).toMatch(
        /^The CSRF (session )?token is missing\.$/,
      )
      expect(await stored()).toEqual([])
    } else {
      await success(page, 1)
      expect(await stored()).toEqual(['a.txt 3'])
    }
  })

  if (way === 'bare')
    it.each([
      ['one file', '', 'file', two.slice(0, 1)],
      ['several files', 'uploadMultiple: true', 'file[0]', two],
    ])('uploads: its own fallback form, %s', async (_what, options, field, files) => {
      const { page, stored } = await start({}, () => bare(version, `forceFallback: true, ${options}`))
      await page.locator(`input[name="${field}"]`).setInputFiles(files)
      await page.locator('.dz-fallback [type=submit]').click()
      await page.getByRole('heading', { name: 'uploaded' }).waitFor()
      expect(await stored()).toHaveLength(files.length)
    })
})
