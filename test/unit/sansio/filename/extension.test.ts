import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cleanFilename,
  extensionOf,
  numberedName,
  randomFilename,
  splitExtension,
} from '../../../../src/sansio/filename.ts'

const hex = '0123456789abcdef0123456789ABCDEF'
const bytes = (text: string) => new TextEncoder().encode(text).length
const cleanName = fc
  .array(
    fc.constantFrom(
      'a',
      'ü',
      '😀',
      ' ',
      '.',
      '.tar',
      '.gz',
      '.JPG',
      ' (1)',
      'e\u0301',
      'CON',
      '_',
      'x'.repeat(60),
      '写'.repeat(40),
    ),
    { maxLength: 14 },
  )
  .map(parts => cleanFilename(parts.join('')))

describe('extensionOf', () => {
  it.each([
    ['photo.JPG', '.jpg'],
    ['a.tar.gz', '.gz'],
    ['shell.php.jpg', '.jpg'],
    ['README', ''],
    ['.htaccess', ''],
    ['..hidden', ''],
    ['.env.local', '.local'],
    ['a.', ''],
    ['Dr. Who', ''],
    ['v1.2 final', ''],
    ['', ''],
    ['a.ÜÖ', '.üö'],
  ])('of %j is %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension)
  })

  it('loses nothing when a name is parted', () => {
    fc.assert(
      fc.property(fc.oneof(cleanName, fc.string()), name => {
        const { stem, suffix } = splitExtension(name)
        expect(stem + suffix).toBe(name)
        if (suffix) expect(suffix.toLowerCase().endsWith(extensionOf(name))).toBe(true)
      }),
    )
  })
})

describe('numberedName', () => {
  it.each([
    ['photo.jpg', 0, 'photo.jpg'],
    ['photo.jpg', 1, 'photo (1).jpg'],
    ['photo (1).jpg', 1, 'photo (1) (1).jpg'],
    ['photo.jpg', 100, 'photo (100).jpg'],
    ['a.tar.gz', 1, 'a (1).tar.gz'],
    ['A.TAR.BZ2', 2, 'A (2).TAR.BZ2'],
    ['README', 3, 'README (3)'],
    ['Dr. Who', 1, 'Dr. Who (1)'],
    ['_htaccess', 1, '_htaccess (1)'],
    ['x.tar', 1, 'x (1).tar'],
  ])('%j, %i is %j', (name, n, numbered) => {
    expect(numberedName(name, n)).toBe(numbered)
  })

  it('stays clean, within 255 bytes and different for every number', () => {
    fc.assert(
      fc.property(cleanName, fc.integer({ min: 1, max: 1e9 }), (name, n) => {
        const numbered = numberedName(name, n)
        expect(bytes(numbered)).toBeLessThanOrEqual(255)
        expect(cleanFilename(numbered)).toBe(numbered)
        expect(numbered).not.toBe(name)
        expect(numbered).not.toBe(numberedName(name, n + 1))
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps the extension of a name that is full to the last byte', () => {
    expect(numberedName(`${'😀'.repeat(62)}abc.jpg`, 12)).toBe(`${'😀'.repeat(61)} (12).jpg`)
    expect(numberedName(`a.${'x'.repeat(253)}`, 1)).toBe(`a.${'x'.repeat(249)} (1)`)
  })
})

describe('randomFilename', () => {
  it('is 32 hex digits and the cleaned extension', () => {
    expect(randomFilename('Photo.JPG', hex)).toBe(`${hex.toLowerCase()}.jpg`)
    expect(randomFilename('a.tar.gz', hex)).toBe(`${hex.toLowerCase()}.gz`)
    expect(randomFilename('../x.png ', hex)).toBe(`${hex.toLowerCase()}.png`)
  })

  it('leaves out what is no plain extension', () => {
    for (const old of ['README', '.htaccess', 'a.b c', 'a.<b>'.replace('<b>', '$%&'), `a.${'x'.repeat(33)}`, '']) {
      expect(randomFilename(old, hex)).toBe(hex.toLowerCase())
    }
  })

  it('refuses a NUL, and randomness that is none', () => {
    expect(() => randomFilename('a.jpg\0', hex)).toThrow('The file name is not allowed.')
    for (const bad of ['', 'abc', `${hex}0`, hex.replace('0', 'g')])
      expect(() => randomFilename('a.jpg', bad)).toThrow(RangeError)
  })
})
