import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEtag, listsEtag } from '../../../../src/sansio/headers/etag.ts'

describe('an entity tag', () => {
  it('is strong, and one whatever the tag holds', () => {
    expect(formatEtag('1x-abc')).toBe('"1x-abc"')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), tag => {
        expect(formatEtag(tag)).toMatch(/^"[\x21\x23-\x7e]*"$/)
        expect(listsEtag(formatEtag(tag), formatEtag(tag), 'strong')).toBe(true)
      }),
    )
  })

  it('differs where the tags do', () => {
    expect(formatEtag('a b')).not.toBe(formatEtag('a"b'))
  })
})

describe('a list of entity tags', () => {
  it.each([
    ['"a"', true],
    ['"b", "a"', true],
    ['"b","a"', true],
    ['"b" , W/"c",\t"a"', true],
    ['*', true],
    [' * ', true],
    ['"b"', false],
    ['"aa"', false],
    ['a', false],
    ['', false],
    ['"a', false],
    ['"A"', false],
    ['"x,"a"', false],
  ])('%s has "a": %s', (field, found) => {
    expect(listsEtag(field, '"a"', 'strong')).toBe(found)
    expect(listsEtag(field, '"a"', 'weak')).toBe(found)
  })

  it('has a weak tag only where weak comparison is enough', () => {
    expect(listsEtag('W/"a"', '"a"', 'weak')).toBe(true)
    expect(listsEtag('W/"a"', '"a"', 'strong')).toBe(false)
    expect(listsEtag('w/"a"', '"b"', 'weak')).toBe(false)
  })

  it('has none of a file without one, but for the star', () => {
    expect(listsEtag('"a"', undefined, 'weak')).toBe(false)
    expect(listsEtag('*', undefined, 'strong')).toBe(true)
  })

  it.each(['"'.repeat(16_384), '"a'.repeat(8_192), '"a "'.repeat(4_096), 'W/'.repeat(8_192), ', '.repeat(8_192)])(
    'is read in no time, however hostile',
    field => {
      const start = performance.now()
      listsEtag(field, '"b"', 'weak')
      expect(performance.now() - start).toBeLessThan(20)
    },
  )
})
