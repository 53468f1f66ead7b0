import { describe, expect, it } from 'vitest'
import { isUploadError } from '../../../../src/sansio/errors.ts'
import { boundaryOf } from '../../../../src/sansio/multipart/boundary.ts'

function result(contentType: string | null): string {
  try {
    return `boundary ${boundaryOf(contentType)}`
  } catch (error) {
    if (isUploadError(error)) return error.code
    throw error
  }
}

describe('boundaryOf', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'boundary abc'],
    ['Multipart/Form-Data;BOUNDARY="a b"; charset=utf-8', 'boundary a b'],
    ['multipart/form-data; charset=utf-8; boundary=----=_Part_1_2.3', 'boundary ----=_Part_1_2.3'],
    ["multipart/form-data; boundary='()+_,-./:=?", "boundary '()+_,-./:=?"],
    [null, 'unsupported-media-type'],
    ['', 'unsupported-media-type'],
    ['text/plain; boundary=a', 'unsupported-media-type'],
    ['multipart/mixed; boundary=a', 'unsupported-media-type'],
    ['application/x-www-form-urlencoded', 'unsupported-media-type'],
    ['multipart/form-data', 'missing-boundary'],
    ['multipart/form-data; boundary=', 'missing-boundary'],
    ['multipart/form-data; boundary=""', 'missing-boundary'],
    ['multipart/form-data; boundary=a; boundary=a', 'malformed-multipart'],
    ['multipart/form-data; boundary=a, multipart/form-data; boundary=b', 'malformed-multipart'],
    ["multipart/form-data; boundary=a; boundary*=UTF-8''b", 'malformed-multipart'],
    ['multipart/form-data; boundary*0=a', 'malformed-multipart'],
    ['multipart/form-data; boundary="a', 'malformed-multipart'],
    ['multipart/form-data; boundary="a "', 'malformed-multipart'],
    ['multipart/form-data; boundary="a\\"b"', 'malformed-multipart'],
    ['multipart/form-data; boundary=a b', 'malformed-multipart'],
    ['multipart/form-data; boundary=ä', 'malformed-multipart'],
    ['multipart/form-data; boundary={a}', 'malformed-multipart'],
    [`multipart/form-data; boundary=${'a'.repeat(70)}`, `boundary ${'a'.repeat(70)}`],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, 'malformed-multipart'],
  ])('%j gives %s', (contentType, expected) => {
    expect(result(contentType)).toBe(expected)
  })

  it.each([';'.repeat(16_000), `; !="${'\\\\'.repeat(8000)}`, `; a=${'" '.repeat(8000)}`])(
    'is linear on hostile input',
    rest => {
      const begin = performance.now()
      expect(result(`multipart/form-data${rest}`)).toMatch(/missing-boundary|malformed-multipart/)
      expect(performance.now() - begin).toBeLessThan(100)
    },
  )
})
