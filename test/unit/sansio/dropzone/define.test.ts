import { describe, expect, it } from 'vitest'
import { dropAreaConfig } from '../../../../src/sansio/dropzone/config.ts'
import { defineDropArea } from '../../../../src/sansio/dropzone/define.ts'
import { defineMessages } from '../../../../src/sansio/messages.ts'
import { definePolicy, describePolicy } from '../../../../src/sansio/policy/policy.ts'

const define = (options: unknown) => () => defineDropArea(options as never)

describe('defineDropArea', () => {
  it('gives back what it was given, frozen, without undefined', () => {
    const area = defineDropArea({ parallelUploads: 3, timeout: null, ...{ paramName: undefined as never } })
    expect(area).toStrictEqual({ parallelUploads: 3, timeout: null })
    expect(Object.isFrozen(area)).toBe(true)
  })

  it.each([
    [{ paralelUploads: 3 }, 'dropArea.paralelUploads is not an option.'],
    [{ maxFilesize: 3 }, 'dropArea.maxFilesize is not an option. Set policy.maxFileSize instead.'],
    [{ __proto__x: 3 }, 'dropArea.__proto__x is not an option.'],
    [{ constructor: 3 }, 'dropArea.constructor is not an option.'],
    [
      { init() {} },
      'dropArea.init is a function; it must be left out. Functions are given in the browser, with dropgate.configure().',
    ],
    [{ parallelUploads: '3' }, 'dropArea.parallelUploads is "3"; it must be a whole number from 1 on.'],
    [{ parallelUploads: 0 }, 'dropArea.parallelUploads is 0; it must be a whole number from 1 on.'],
    [{ parallelUploads: Infinity }, 'dropArea.parallelUploads is Infinity; it must be a whole number from 1 on.'],
    [{ timeout: 0 }, 'dropArea.timeout is 0; it must be a number above 0, or null.'],
    [{ uploadMultiple: 'true' }, 'dropArea.uploadMultiple is "true"; it must be true or false.'],
    [{ filesizeBase: 1023 }, 'dropArea.filesizeBase is 1023; it must be 1000 or 1024.'],
    [
      { headers: { 'X-A': 'a\r\nX-B: b' } },
      'dropArea.headers is an object; it must be an object of header names and texts.',
    ],
    [
      { paramName: '' },
      'dropArea.paramName is ""; it must be a text of 1 to 100 characters without control characters.',
    ],
    [
      { uploadMultiple: true, binaryBody: true },
      'dropArea.binaryBody is true; it must be false together with uploadMultiple. A raw body is one file.',
    ],
    ['no object', 'dropArea is "no object"; it must be an object.'],
  ])('refuses %j in words', (options, sentence) => {
    expect(define(options)).toThrow(sentence)
  })
})

describe('dropAreaConfig', () => {
  const policy = describePolicy(definePolicy({ maxFileSize: '3 MiB' }), defineMessages({ fileTooBig: 'Too big!' }))

  it('gives the policy the last word and keeps our own texts apart from the options of Dropzone', () => {
    const { options, texts } = dropAreaConfig(
      { dictNetworkError: 'Gone.', timeout: 5, ...({ maxFilesize: 9 } as object) },
      policy,
    )
    expect(options).toMatchObject({ maxFilesize: 3, dictFileTooBig: 'Too big!', timeout: 5 })
    expect(options).not.toHaveProperty('dictNetworkError')
    expect(texts.networkError).toBe('Gone.')
  })
})
