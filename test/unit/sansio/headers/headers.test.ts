import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8 } from '../../../../src/sansio/bytes/utf8.ts'
import { parseContentDisposition } from '../../../../src/sansio/headers/content-disposition.ts'
import { parseParameters } from '../../../../src/sansio/headers/parameters.ts'

function parsed(text: string) {
  const result = parseParameters(text)
  return result && { value: result.value, ...Object.fromEntries(result.parameters) }
}

describe('parseParameters', () => {
  it.each([
    ['text/plain', { value: 'text/plain' }],
    [' Text/Plain ;\tCharset=UTF-8', { value: 'text/plain', charset: 'UTF-8' }],
    ['a;b="c;d";;e=f;', { value: 'a', b: 'c;d', e: 'f' }],
    ['a; b="x\\"y\\z"', { value: 'a', b: 'x"y\\z' }],
    ['a; b="x\\"', { value: 'a', b: 'x\\' }],
    ['a; b=', { value: 'a', b: '' }],
    ['', { value: '' }],
    ['; a=b', { value: '', a: 'b' }],
  ])('reads %j', (text, expected) => {
    expect(parsed(text)).toEqual(expected)
  })

  it.each([
    'a; b',
    'a; b=c d',
    'a; b="c',
    'a; b="',
    'a; b="c"d',
    'a; =c',
    'a; b =c',
    'a; b=c; B=d',
    'a; b=c"d"',
    'a; ä=b',
  ])('refuses %j', text => {
    expect(parseParameters(text)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=;"\\ \t%ä') }), text => {
        parseParameters(text)
        parseContentDisposition(text, decodeUtf8)
      }),
    )
  })
})

describe('parseContentDisposition', () => {
  it('reads name and filename of a part', () => {
    expect(parseContentDisposition('form-data; name="a%22b"; filename="%0d%0A%20"')).toEqual({
      type: 'form-data',
      name: 'a"b',
      filename: '\r\n%20',
    })
  })

  it('reads the header of a raw upload, whose UTF-8 arrives with one character per byte', () => {
    const header = Buffer.from('attachment; filename="Grüße 😀.txt"').toString('latin1')
    expect(parseContentDisposition(header, decodeUtf8)?.filename).toBe('Grüße 😀.txt')
    expect(parseContentDisposition('attachment; filename="日.txt"', decodeUtf8)?.filename).toBe('日.txt')
  })

  it('ignores filename* and keeps an empty filename', () => {
    expect(parseContentDisposition(`attachment; filename*=UTF-8''x`)?.filename).toBeUndefined()
    expect(parseContentDisposition('form-data; name="f"; filename=""')?.filename).toBe('')
  })
})
