import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDisposition } from '../../../../src/sansio/headers/attachment.ts'

describe('the Content-Disposition of a download', () => {
  it.each([
    ['a.txt', `filename="a.txt"; filename*=UTF-8''a.txt`],
    [
      'a "b" 100% (1)\'s 😀.txt',
      `filename="a _b_ 100_ (1)'s _.txt"; filename*=UTF-8''a%20%22b%22%20100%25%20%281%29%27s%20%F0%9F%98%80.txt`,
    ],
    ['a\\b', `filename="a_b"; filename*=UTF-8''a%5Cb`],
    ['a\r\nSet-Cookie: x=1', `filename="a__Set-Cookie: x=1"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1`],
    ['a\ud800b', `filename="a_b"; filename*=UTF-8''a%EF%BF%BDb`],
    ['', `filename=""; filename*=UTF-8''`],
  ])('has %j for old and new clients', (name, value) => {
    expect(formatDisposition('attachment', name)).toBe(`attachment; ${value}`)
    expect(formatDisposition('inline', name)).toBe(`inline; ${value}`)
  })

  it('is one header of ASCII for every name, and a client gets the name back', () => {
    const shape =
      /^attachment; filename="[ !#-$&-[\]-~]*"; filename\*=UTF-8''(?<name>(?:[\w!#$&+.^`|~-]|%[0-9A-F]{2})*)$/
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), name => {
        const found = shape.exec(formatDisposition('attachment', name))
        expect(decodeURIComponent(found?.groups?.name ?? 'none')).toBe(name)
      }),
      { numRuns: 10_000 },
    )
  })
})
