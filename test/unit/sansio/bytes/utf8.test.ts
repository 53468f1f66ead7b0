import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeUtf8, utf8Length } from '../../../../src/sansio/bytes/utf8.ts'
import { nativeMultipartTools } from '../../../../src/upload/native-tools.ts'

const native = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes at which the decoder's rules change. */
const edges = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xbb, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
]

it('decodes any bytes as TextDecoder does', () => {
  const bytes = fc
    .array(fc.oneof(fc.constantFrom(...edges), fc.nat(255)), { maxLength: 40 })
    .map(a => Uint8Array.from(a))
  fc.assert(
    fc.property(bytes, input => {
      expect(decodeUtf8(input)).toBe(native.decode(input))
      expect(nativeMultipartTools.decodeUtf8(input)).toBe(native.decode(input))
    }),
    { numRuns: 5000 },
  )
})

it('decodes every pair and triple of edge bytes as TextDecoder does', () => {
  for (const a of edges) {
    for (const b of edges) {
      for (const c of edges) {
        const input = Uint8Array.of(a, b, c, 0x41)
        if (decodeUtf8(input) !== native.decode(input)) expect.fail(`${[...input]}`)
      }
    }
  }
})

it('decodes every code point, and texts longer than an argument list', () => {
  let text = ''
  for (let point = 0; point <= 0x10ffff; point += point < 0x11000 ? 1 : 97) {
    if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point)
  }
  expect(decodeUtf8(Buffer.from(text)) === text).toBe(true)
})

it('counts the bytes an encoder writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(n => String.fromCharCode(n)) }), text => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
    }),
  )
  expect(utf8Length('a\ud83d\ude00ä')).toBe(7)
})
