/** Every setting of Flask-Dropzone: from the environment variable to what Dropzone is really given in the browser. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { settingsFromEnv } from '../../src/sansio/settings/env.ts'
import { message, open, optionsOf, pageFixture, patient, text } from './page-fixture.ts'
import { dropzones, pageOf } from './page-server.ts'
import { chooseFiles, has } from './support.ts'

const fixture = pageFixture()
const csrf = {
  token: () => 'the-token',
  url: '/uploads/csrf',
  expiresIn: 3600,
  header: 'X-CSRFToken',
  field: 'csrf_token',
}

/** The helpers of an engine that takes all its settings from the environment. */
function fromEnv(env: Record<string, string>, more: Partial<Parameters<typeof pageOf>[0]> = {}) {
  const prefixed = Object.fromEntries(Object.entries(env).map(([name, value]) => [`DROPZONE_${name}`, value]))
  const { policy, dropArea, messages } = settingsFromEnv(prefixed)
  return pageOf({ policy, dropArea, messages, ...more })
}

describe.skipIf(!has.chromium)('a setting reaches Dropzone', () => {
  it.each([
    [{ MAX_FILE_SIZE: '0.5' }, { maxFilesize: 0.5 }],
    [{ INPUT_NAME: 'photo' }, { paramName: 'photo' }],
    [{ ALLOWED_FILE_TYPE: 'image' }, { acceptedFiles: 'image/*' }],
    [{ ALLOWED_FILE_TYPE: 'image/*, .pdf', ALLOWED_FILE_CUSTOM: 'true' }, { acceptedFiles: 'image/*,.pdf' }],
    [{ MAX_FILES: '30' }, { maxFiles: 30 }],
    [{ TIMEOUT: '5000' }, { timeout: 5000 }],
    [{ UPLOAD_MULTIPLE: 'true' }, { uploadMultiple: true }],
    [{ PARALLEL_UPLOADS: '3' }, { parallelUploads: 3 }],
    [{ DEFAULT_MESSAGE: 'Put `files` "here".' }, { dictDefaultMessage: 'Put `files` "here".' }],
    [{ INVALID_FILE_TYPE: 'PNG only!' }, { dictInvalidFileType: 'PNG only!' }],
    [{ FILE_TOO_BIG: 'Too big: {{filesize}}' }, { dictFileTooBig: 'Too big: {{filesize}}' }],
    [{ SERVER_ERROR: 'Error {{statusCode}}' }, { dictResponseError: 'Error {{statusCode}}' }],
    [{ BROWSER_UNSUPPORTED: 'Old browser.' }, { dictFallbackMessage: 'Old browser.' }],
    [{ MAX_FILE_EXCEED: 'No more.' }, { dictMaxFilesExceeded: 'No more.' }],
    [{ MAX_FILE_EXCEEDED: 'No more.' }, { dictMaxFilesExceeded: 'No more.' }],
    [{ CANCEL_UPLOAD: 'Stop' }, { dictCancelUpload: 'Stop' }],
    [{ REMOVE_FILE: 'Away' }, { dictRemoveFile: 'Away' }],
    [{ CANCEL_CONFIRMATION: 'Really?' }, { dictCancelUploadConfirmation: 'Really?' }],
    [{ UPLOAD_CANCELED: 'Stopped.' }, { dictUploadCanceled: 'Stopped.' }],
    [
      {},
      {
        maxFilesize: 256,
        paramName: 'file',
        acceptedFiles: null,
        maxFiles: null,
        timeout: null,
        uploadMultiple: false,
        parallelUploads: 2,
        autoProcessQueue: true,
        dictDefaultMessage: 'Drop files here or click to upload.',
        dictCancelUpload: 'Cancel upload',
        dictRemoveFile: 'Remove file',
        dictUploadCanceled: 'Upload canceled.',
      },
    ],
  ] as [Record<string, string>, object][])('%j', async (env, options) => {
    await open(fixture, fromEnv(env).dropArea())
    expect(await optionsOf(fixture.page)).toMatchObject(options)
  })

  it('SERVE_LOCAL=false: from jsDelivr, under its hash, with our part alone', async () => {
    const asked: string[] = []
    await fixture.page.route('https://cdn.jsdelivr.net/**', async route => {
      asked.push(route.request().url())
      const css = asked.at(-1)?.endsWith('.css')
      const path = css ? dropzones[6].replace('dropzone-min.js', 'dropzone.css') : dropzones[6]
      const headers = { 'access-control-allow-origin': '*' }
      await route.fulfill({ body: await readFile(path), contentType: css ? 'text/css' : 'text/javascript', headers })
    })
    fixture.server.contentPolicy = `default-src 'self' https://cdn.jsdelivr.net; img-src 'self' data:`
    await open(fixture, fromEnv({ SERVE_LOCAL: 'false' }).dropArea())
    expect(await optionsOf(fixture.page)).toMatchObject({ paramName: 'file' })
    expect(asked.sort()).toEqual([
      'https://cdn.jsdelivr.net/npm/dropzone@6.3.5/dist/dropzone-min.js',
      'https://cdn.jsdelivr.net/npm/dropzone@6.3.5/dist/dropzone.css',
    ])
    expect(await fixture.page.locator('script[src]').last().getAttribute('src')).toBe('/dropgate-glue.js')
  })

  it('REDIRECT_VIEW: a name goes through urlFor, and the page goes there', async () => {
    fixture.server.others.set('/albums/7', () => ({ status: 200, type: 'text/html', body: 'Album' }))
    const urlFor = (name: string) => (name === 'album' ? '/albums/7?new=1&all' : '/wrong')
    await open(fixture, fromEnv({ REDIRECT_VIEW: 'album' }, { urlFor }).dropArea())
    await chooseFiles(fixture.page, text('a.txt'))
    await fixture.page.waitForURL('**/albums/7?new=1&all')
  })

  it('ENABLE_CSRF: the token goes along, or stays here', async () => {
    for (const [value, header] of [
      ['true', 'the-token'],
      ['false', undefined],
    ] as const) {
      fixture.server.arrived.length = 0
      await open(fixture, fromEnv({ ENABLE_CSRF: value }, { csrf }).dropArea())
      await chooseFiles(fixture.page, text('a.txt'))
      await fixture.page.locator('.dz-success').waitFor()
      expect(fixture.server.arrived[0]?.headers['x-csrftoken']).toBe(header)
    }
  })

  it('UPLOAD_ON_CLICK and UPLOAD_BTN_ID: nothing goes before the click', async () => {
    await open(
      fixture,
      `${fromEnv({ UPLOAD_ON_CLICK: 'true', UPLOAD_BTN_ID: 'go: "now"' }).dropArea()}<button id='go: "now"'>Go</button>`,
    )
    expect(await optionsOf(fixture.page)).toMatchObject({ autoProcessQueue: false, uploadMultiple: false })
    await chooseFiles(fixture.page, [text('a.txt'), text('b.txt'), text('c.txt')])
    await fixture.page.locator('.dz-preview').nth(2).waitFor()
    await fixture.page.waitForTimeout(100)
    expect(fixture.server.arrived).toHaveLength(0)
    await fixture.page.getByRole('button', { name: 'Go' }).click()
    await fixture.page.locator('.dz-success').nth(2).waitFor()
    expect(fixture.server.arrived).toHaveLength(3)
  })

  it('IN_FORM and UPLOAD_ACTION: a part of a form, with a URL of its own', async () => {
    await open(fixture, `<form>${fromEnv({ IN_FORM: 'true', UPLOAD_ACTION: '/upload?x=1' }).dropArea()}</form>`)
    expect(await fixture.page.locator('div#myDropzone').count()).toBe(1)
    expect(await optionsOf(fixture.page)).toMatchObject({ url: '/upload?x=1' })
    await chooseFiles(fixture.page, text('a.txt'))
    await fixture.page.locator('.dz-success').waitFor()
    expect(fixture.server.arrived[0]?.url).toBe('/upload?x=1')
  })
})

describe.skipIf(!has.chromium)('config() of one page', () => {
  it('takes every keyword of Flask-Dropzone, camelCased', async () => {
    const overrides = {
      maxFileSize: 2,
      inputName: 'photo',
      allowedFileType: '.png, image/jpeg',
      allowedFileCustom: true,
      maxFiles: 4,
      timeout: 9000,
      uploadMultiple: true,
      parallelUploads: 5,
      uploadOnClick: true,
      uploadBtnId: 'send',
      uploadAction: '/upload',
      defaultMessage: 'Drop',
      invalidFileType: 'Type!',
      fileTooBig: 'Big!',
      serverError: 'Error!',
      browserUnsupported: 'Old!',
      maxFileExceeded: 'Many!',
      cancelUpload: 'Stop',
      removeFile: 'Away',
      cancelConfirmation: 'Sure?',
      uploadCanceled: 'Stopped!',
      addRemoveLinks: true,
    }
    const page = pageOf({ csrf, policy: { accept: 'image/*' } })
    await open(
      fixture,
      `${page.create()}${page.config({ ...overrides, enableCsrf: true })}<button id="send">Send</button>${page.loadJs()}`,
    )
    expect(await optionsOf(fixture.page)).toMatchObject({
      maxFilesize: 2,
      paramName: 'photo',
      acceptedFiles: '.png,image/jpeg',
      maxFiles: 4,
      timeout: 9000,
      uploadMultiple: true,
      parallelUploads: 5,
      autoProcessQueue: false,
      url: '/upload',
      dictDefaultMessage: 'Drop',
      dictInvalidFileType: 'Type!',
      dictFileTooBig: 'Big!',
      dictResponseError: 'Error!',
      dictFallbackMessage: 'Old!',
      dictMaxFilesExceeded: 'Many!',
      dictCancelUpload: 'Stop',
      dictRemoveFile: 'Away',
      dictCancelUploadConfirmation: 'Sure?',
      dictUploadCanceled: 'Stopped!',
      addRemoveLinks: true,
    })
    await chooseFiles(fixture.page, text('a.gif', 'image/gif'))
    await expect.poll(() => message(fixture.page, 'a.gif').textContent(), patient).toBe('Type!')
  })

  it('seals what it narrows into the token', async () => {
    const sealed: unknown[] = []
    const sealing = { ...csrf, token: (narrowed?: unknown) => `token${sealed.push(narrowed)}` }
    const page = pageOf({ csrf: sealing, policy: { accept: 'image/*', maxFiles: 9 } })
    await open(
      fixture,
      page.create() + page.config({ allowedFileType: '.png', allowedFileCustom: true, maxFiles: 9 }) + page.loadJs(),
    )
    expect(sealed).toEqual([undefined, { accept: ['.png'] }])
    await chooseFiles(fixture.page, text('a.png', 'image/png'))
    await fixture.page.locator('.dz-success').waitFor()
    expect(fixture.server.arrived[0]?.headers['x-csrftoken']).toBe('token2')
  })
})

describe.skipIf(!has.chromium)('other options', () => {
  it.each([
    [{ method: 'put' }, { method: 'PUT' }],
    [{ defaultHeaders: false }, { defaultHeaders: false }],
    [{ withCredentials: true }, { withCredentials: true }],
    [{ deleteOnRemove: true }, { addRemoveLinks: true }],
  ] as const)('%j', async (dropArea, options) => {
    await open(fixture, pageOf({ dropArea }).dropArea())
    expect(await optionsOf(fixture.page)).toMatchObject(options)
  })

  it('forceFallback leaves the form of those without script', async () => {
    await open(fixture, pageOf({ dropArea: { forceFallback: true } }).dropArea())
    expect(await fixture.page.getByLabel('Choose files').isVisible()).toBe(true)
    expect(await fixture.page.locator('.dz-message').textContent()).toContain('does not support')
  })
})
