import { describe, expect, it } from 'vitest'
import { OptionError } from '../../../../src/sansio/option-error.ts'
import { definePolicy, type PolicyOptions, policyDefaults } from '../../../../src/sansio/policy/policy.ts'

const MiB = 1024 ** 2
const errorOf = (options: unknown, prefix?: string): OptionError => {
  try {
    definePolicy(options as PolicyOptions, prefix)
  } catch (error) {
    if (error instanceof OptionError) return error
    throw error
  }
  throw new Error(`accepted ${JSON.stringify(options)}`)
}
const sizeAllowed = 'a size such as "50 MiB", a whole number of bytes from 1024 on, or Infinity for no limit.'
const acceptAllowed = 'made of MIME types ("image/png"), groups of them ("image/*") and extensions (".pdf").'
const names = 'accept, maxFileSize, maxFiles, maxTotalSize, maxFields, maxFieldSize, emptyFiles, content.'

describe('definePolicy', () => {
  it('fills in the defaults', () => {
    const defaults = {
      accept: [],
      maxFileSize: 256 * MiB,
      maxFiles: Infinity,
      maxTotalSize: Infinity,
      maxFields: 1000,
      maxFieldSize: MiB,
      emptyFiles: true,
    }
    expect(definePolicy()).toEqual(defaults)
    expect(definePolicy({})).toEqual(defaults)
    expect(policyDefaults).toEqual(defaults)
  })

  it('reads sizes as people write them', () => {
    const policy = definePolicy({
      maxFileSize: '50 MiB',
      maxTotalSize: '1.5GB',
      maxFieldSize: 2048,
      maxFiles: 1,
      maxFields: 0,
      emptyFiles: false,
    })
    expect(policy).toEqual({
      accept: [],
      maxFileSize: 50 * MiB,
      maxTotalSize: 1536 * MiB,
      maxFieldSize: 2048,
      maxFiles: 1,
      maxFields: 0,
      emptyFiles: false,
    })
    expect(definePolicy({ maxFileSize: '512 bytes' }).maxFileSize).toBe(512)
    expect(definePolicy({ maxFileSize: Infinity }).maxFileSize).toBe(Infinity)
    expect(definePolicy({ maxFileSize: 1024 }).maxFileSize).toBe(1024)
  })

  it('reads accept as a list, as one text, or mixed, in lower case and once each', () => {
    for (const accept of [
      'image/*, .PDF,image/png',
      ['image/*', '.pdf', 'Image/PNG'],
      ['image/*,.pdf', ' image/png ', '.PDF'],
    ]) {
      expect(definePolicy({ accept }).accept).toEqual(['image/*', '.pdf', 'image/png'])
    }
    expect(
      definePolicy({ accept: ['.tar.gz', 'application/vnd.oasis.opendocument.text', 'image/svg+xml'] }).accept,
    ).toHaveLength(3)
  })

  it('takes */* for everything', () => {
    for (const accept of ['*/*', ['image/png', '*/*'], []]) expect(definePolicy({ accept }).accept).toEqual([])
  })

  it('reads its own result again as the same', () => {
    const policy = definePolicy({ accept: 'image/*', maxFileSize: '3 MiB', maxFiles: 2 })
    expect(definePolicy(policy)).toEqual(policy)
    expect(definePolicy(definePolicy())).toEqual(definePolicy())
  })

  it('cannot be changed afterwards', () => {
    const policy = definePolicy({ accept: ['.pdf'] })
    expect(() => (policy.accept as string[]).push('.exe')).toThrow(TypeError)
    expect(() => Object.assign(policy, { maxFileSize: 0 })).toThrow(TypeError)
  })
})

describe('a wrong option is refused in words', () => {
  it.each<[unknown, string]>([
    [{ maxFileSize: 3 }, 'policy.maxFileSize is 3 bytes; did you mean "3 MiB"?'],
    [{ maxFileSize: 1 }, 'policy.maxFileSize is 1 byte; did you mean "1 MiB"?'],
    [{ maxFileSize: 0.5 }, 'policy.maxFileSize is 0.5 bytes; did you mean "0.5 MiB"?'],
    [{ maxFileSize: 1023 }, 'policy.maxFileSize is 1023 bytes; did you mean "1023 MiB"?'],
    [{ maxTotalSize: 100 }, 'policy.maxTotalSize is 100 bytes; did you mean "100 MiB"?'],
    [{ maxFieldSize: 64 }, 'policy.maxFieldSize is 64 bytes; did you mean "64 MiB"?'],
    [{ maxFileSize: 0 }, `policy.maxFileSize is 0; it must be ${sizeAllowed} No limit is written Infinity.`],
    [{ maxFileSize: null }, `policy.maxFileSize is null; it must be ${sizeAllowed} No limit is written Infinity.`],
    [
      { maxFileSize: 'Infinity' },
      `policy.maxFileSize is "Infinity"; it must be ${sizeAllowed} No limit is written Infinity.`,
    ],
    [{ maxFileSize: '0 MiB' }, `policy.maxFileSize is "0 MiB"; it must be ${sizeAllowed}`],
    [{ maxFileSize: -1 }, `policy.maxFileSize is -1; it must be ${sizeAllowed}`],
    [{ maxFileSize: Number.NaN }, `policy.maxFileSize is NaN; it must be ${sizeAllowed}`],
    [{ maxFileSize: 5000.5 }, `policy.maxFileSize is 5000.5; it must be ${sizeAllowed}`],
    [{ maxFileSize: 2 ** 60 }, `policy.maxFileSize is 1152921504606847000; it must be ${sizeAllowed}`],
    [{ maxFileSize: '99999999999 TiB' }, `policy.maxFileSize is "99999999999 TiB"; it must be ${sizeAllowed}`],
    [{ maxFileSize: '50' }, `policy.maxFileSize is "50"; it must be ${sizeAllowed} Did you mean "50 MiB"?`],
    [{ maxFileSize: 'big' }, `policy.maxFileSize is "big"; it must be ${sizeAllowed}`],
    [{ maxFileSize: '-5 MiB' }, `policy.maxFileSize is "-5 MiB"; it must be ${sizeAllowed}`],
    [{ maxFileSize: true }, `policy.maxFileSize is true; it must be ${sizeAllowed}`],
    [{ maxFileSize: ['1 MiB'] }, `policy.maxFileSize is ["1 MiB"]; it must be ${sizeAllowed}`],
    [{ maxFiles: 0 }, 'policy.maxFiles is 0; it must be a whole number from 1 on, or Infinity for no limit.'],
    [{ maxFiles: 1.5 }, 'policy.maxFiles is 1.5; it must be a whole number from 1 on, or Infinity for no limit.'],
    [
      { maxFiles: Number.NaN },
      'policy.maxFiles is NaN; it must be a whole number from 1 on, or Infinity for no limit.',
    ],
    [{ maxFiles: '3' }, 'policy.maxFiles is "3"; it must be a whole number from 1 on, or Infinity for no limit.'],
    [{ maxFields: -1 }, 'policy.maxFields is -1; it must be a whole number from 0 on, or Infinity for no limit.'],
    [{ emptyFiles: 'no' }, 'policy.emptyFiles is "no"; it must be true or false.'],
    [{ emptyFiles: null }, 'policy.emptyFiles is null; it must be true or false.'],
    [{ maxFilesize: 3 }, `policy.maxFilesize is not an option; there are ${names} Did you mean maxFileSize?`],
    [{ acept: '.pdf' }, `policy.acept is not an option; there are ${names} Did you mean accept?`],
    [{ colour: 'red' }, `policy.colour is not an option; there are ${names}`],
    ['image/*', `policy is "image/*"; it must be an object with some of ${names}`],
    [null, `policy is null; it must be an object with some of ${names}`],
    [[], `policy is []; it must be an object with some of ${names}`],
    [{ accept: 'image' }, `policy.accept is "image"; it must be ${acceptAllowed} Did you mean "image/*"?`],
    [{ accept: 'images' }, `policy.accept is "images"; it must be ${acceptAllowed} Did you mean "image/*"?`],
    [{ accept: ['.png', 'pdf'] }, `policy.accept is "pdf"; it must be ${acceptAllowed} Did you mean ".pdf"?`],
    [{ accept: '*.jpg' }, `policy.accept is "*.jpg"; it must be ${acceptAllowed} Did you mean ".jpg"?`],
    [{ accept: '*' }, `policy.accept is "*"; it must be ${acceptAllowed} Did you mean "*/*"?`],
    [{ accept: '' }, `policy.accept is ""; it must be ${acceptAllowed}`],
    [{ accept: 'image/*,' }, `policy.accept is ""; it must be ${acceptAllowed}`],
    [{ accept: '.' }, `policy.accept is "."; it must be ${acceptAllowed}`],
    [{ accept: '*/png' }, `policy.accept is "*/png"; it must be ${acceptAllowed}`],
    [{ accept: 'img/png' }, `policy.accept is "img/png"; it must be ${acceptAllowed}`],
    [{ accept: 'image/png;q=1' }, `policy.accept is "image/png;q=1"; it must be ${acceptAllowed}`],
    [{ accept: 'image/png image/gif' }, `policy.accept is "image/png image/gif"; it must be ${acceptAllowed}`],
    [{ accept: '../x' }, `policy.accept is "../x"; it must be ${acceptAllowed}`],
    [{ accept: [3] }, 'policy.accept is [3]; it must be a text, or a list of texts, such as "image/*, .pdf".'],
    [{ accept: null }, 'policy.accept is null; it must be a text, or a list of texts, such as "image/*, .pdf".'],
  ])('%j', (options, sentence) => {
    expect(errorOf(options).message).toBe(sentence)
  })

  it('under the name the option has', () => {
    const error = errorOf({ maxFileSize: 3 }, '--max')
    expect(error.message).toBe('--max.maxFileSize is 3 bytes; did you mean "3 MiB"?')
    expect(error.option).toBe('--max.maxFileSize')
    expect(error.stack).toContain('did you mean "3 MiB"?')
  })

  it('also when the name is a trap', () => {
    expect(errorOf(JSON.parse('{"__proto__": 1}')).message).toContain('policy.__proto__ is not an option')
    expect(errorOf({ constructor: 1 }).message).toContain('policy.constructor is not an option')
  })
})
