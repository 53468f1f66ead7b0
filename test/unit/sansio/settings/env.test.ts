import { describe, expect, it } from 'vitest'
import { defineDropArea } from '../../../../src/sansio/dropzone/define.ts'
import { defineMessages } from '../../../../src/sansio/messages.ts'
import { definePolicy, isAccepted } from '../../../../src/sansio/policy/policy.ts'
import { settingsFromEnv } from '../../../../src/sansio/settings/env.ts'
import { acceptOf, fileTypeGroups } from '../../../../src/sansio/settings/file-types.ts'

const nothing = { policy: {}, dropArea: {}, messages: {} }

describe('settingsFromEnv', () => {
  it('finds nothing where nothing is set', () => {
    expect(
      settingsFromEnv({
        PATH: '/bin',
        DROPZONE_MAX_FILES: 'null',
        DROPZONE_TIMEOUT: 'None',
        DROPZONE_UPLOAD_ACTION: '',
      }),
    ).toEqual(nothing)
  })

  it('reads the variables of the parallel upload', () => {
    const env = { DROPZONE_UPLOAD_MULTIPLE: 'true', DROPZONE_PARALLEL_UPLOADS: '3' }
    expect(settingsFromEnv(env).dropArea).toEqual({ uploadMultiple: true, parallelUploads: 3 })
  })

  it('reads all 25 settings into what the engine takes', () => {
    const settings = settingsFromEnv({
      DROPZONE_SERVE_LOCAL: 'True',
      DROPZONE_MAX_FILE_SIZE: '3',
      DROPZONE_INPUT_NAME: 'file',
      DROPZONE_ALLOWED_FILE_TYPE: 'image/*, .pdf',
      DROPZONE_ALLOWED_FILE_CUSTOM: 'True',
      DROPZONE_MAX_FILES: '30',
      DROPZONE_TIMEOUT: '5000',
      DROPZONE_REDIRECT_VIEW: '/done',
      DROPZONE_UPLOAD_MULTIPLE: '1',
      DROPZONE_PARALLEL_UPLOADS: '3',
      DROPZONE_ENABLE_CSRF: 'yes',
      DROPZONE_UPLOAD_ON_CLICK: 'NO',
      DROPZONE_UPLOAD_BTN_ID: 'upload',
      DROPZONE_IN_FORM: '0',
      DROPZONE_UPLOAD_ACTION: '/upload',
      DROPZONE_DEFAULT_MESSAGE: 'a',
      DROPZONE_INVALID_FILE_TYPE: 'b',
      DROPZONE_FILE_TOO_BIG: 'c',
      DROPZONE_SERVER_ERROR: 'd',
      DROPZONE_BROWSER_UNSUPPORTED: 'e',
      DROPZONE_MAX_FILE_EXCEED: 'f',
      DROPZONE_CANCEL_UPLOAD: 'g',
      DROPZONE_REMOVE_FILE: 'h',
      DROPZONE_CANCEL_CONFIRMATION: 'i',
      DROPZONE_UPLOAD_CANCELED: 'j',
      SECRET_KEY: 'dev key',
    })
    expect(settings).toEqual({
      policy: { accept: 'image/*, .pdf', maxFileSize: '3 MiB', maxFiles: 30 },
      dropArea: {
        serveLocal: true,
        paramName: 'file',
        timeout: 5000,
        redirectView: '/done',
        uploadMultiple: true,
        parallelUploads: 3,
        enableCsrf: true,
        uploadOnClick: false,
        uploadButtonId: 'upload',
        inForm: false,
        action: '/upload',
      },
      messages: {
        defaultMessage: 'a',
        invalidFileType: 'b',
        fileTooBig: 'c',
        serverError: 'd',
        browserUnsupported: 'e',
        maxFilesExceeded: 'f',
        cancelUpload: 'g',
        removeFile: 'h',
        cancelConfirmation: 'i',
        uploadCanceled: 'j',
      },
      csrf: { secret: 'dev key' },
      redirectUrl: '/done',
    })
    expect(definePolicy(settings.policy).maxFileSize).toBe(3 * 1024 ** 2)
    expect(defineDropArea(settings.dropArea)).toMatchObject({ parallelUploads: 3 })
    expect(defineMessages(settings.messages).maxFilesExceeded).toBe('f')
  })

  it.each([
    ['0.5', 512 * 1024],
    ['1.5 GiB', 1.5 * 1024 ** 3],
    ['Infinity', Infinity],
  ])('trap 14: a size of %j MiB is not cut to a whole number', (text, bytes) => {
    expect(definePolicy(settingsFromEnv({ DROPZONE_MAX_FILE_SIZE: text }).policy).maxFileSize).toBe(bytes)
  })

  it.each([
    [
      'MAX_FILE_SIZE',
      '0',
      'is "0"; it must be a number of MiB above 0, a size such as "1.5 GiB", or Infinity for no limit.',
    ],
    ['MAX_FILE_SIZE', 'big', 'is "big"; it must be a number of MiB above 0'],
    ['MAX_FILES', '2.5', 'is "2.5"; it must be a whole number from 1 on.'],
    ['MAX_FILES', '3 files', 'is "3 files"; it must be a whole number from 1 on.'],
    ['PARALLEL_UPLOADS', '0', 'is "0"; it must be a whole number from 1 on.'],
    ['TIMEOUT', '30s', 'is "30s"; it must be a number of milliseconds above 0.'],
    ['UPLOAD_MULTIPLE', 'on', 'is "on"; it must be true or false (also 1 or 0, yes or no).'],
    ['ALLOWED_FILE_CUSTOM', 'maybe', 'is "maybe"; it must be true or false (also 1 or 0, yes or no).'],
    [
      'ALLOWED_FILE_TYPE',
      'image/*',
      'is "image/*"; it must be one of default, image, audio, video, text, app. A list such as "image/*, .pdf" is custom.',
    ],
    ['UPLOAD_ACTION', 'javascript:alert(1)', 'it must be a path, a URL with http or https, or a name for urlFor.'],
    ['INPUT_NAME', 'a\nb', 'it must be a text of 1 to 100 characters without control characters.'],
    ['PARALEL_UPLOADS', '3', 'is not a setting. Did you mean DROPZONE_PARALLEL_UPLOADS?'],
    ['FOO', '3', 'DROPZONE_FOO is not a setting.'],
  ])('refuses DROPZONE_%s=%s in words', (name, value, sentence) => {
    const read = () => settingsFromEnv({ [`DROPZONE_${name}`]: value })
    expect(read).toThrow(sentence)
    expect(read).toThrow(`DROPZONE_${name}`)
  })

  it('refuses a custom list that could never match', () => {
    expect(() => settingsFromEnv({ DROPZONE_ALLOWED_FILE_TYPE: 'png', DROPZONE_ALLOWED_FILE_CUSTOM: '1' })).toThrow(
      'DROPZONE_ALLOWED_FILE_TYPE is "png"',
    )
  })

  it('takes both names of the message about the number, but not two messages', () => {
    expect(settingsFromEnv({ DROPZONE_MAX_FILE_EXCEEDED: 'x' }).messages).toEqual({ maxFilesExceeded: 'x' })
    expect(() => settingsFromEnv({ DROPZONE_MAX_FILE_EXCEED: 'x', DROPZONE_MAX_FILE_EXCEEDED: 'y' })).toThrow(
      'DROPZONE_MAX_FILE_EXCEED is "x"; it must be left out beside DROPZONE_MAX_FILE_EXCEEDED.',
    )
  })
})

describe('fileTypeGroups', () => {
  it.each(Object.keys(fileTypeGroups))('%s is a list that the policy takes', group => {
    expect(definePolicy({ accept: acceptOf(group) }).accept.length).toBe(group === 'default' ? 0 : 1)
  })

  it.each(['README', 'notes.md', 'font.woff2', 'mail.eml', 'model.stl'])(
    'weak spot 9: default lets %s in, whatever the browser knows of it',
    name => {
      const accept = definePolicy({ accept: fileTypeGroups.default }).accept
      for (const type of ['', 'font/woff2', 'message/rfc822', 'model/stl']) {
        expect(isAccepted(accept, { name, type })).toBe(true)
      }
    },
  )

  it.each(['__proto__', 'toString', ''])('%j is no group', group => {
    expect(() => acceptOf(group)).toThrow('it must be one of default')
  })
})
