import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../../../src/sansio/bytes/base64.ts'

it('writes what everybody writes, and reads it back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      const text = Buffer.from(bytes).toString('base64')
      expect(encodeBase64(bytes)).toBe(text)
      expect(decodeBase64(text)).toEqual(bytes)
    }),
  )
})

it.each([
  'A',
  'AA',
  'AAA',
  'AA=',
  'AAA==',
  '====',
  '=',
  'A===',
  'AA==AA==',
  '-_==',
  'AB==',
  'AAB=',
  'AA== ',
  ' AA==',
  'ü===',
])('does not read %j', text => {
  expect(decodeBase64(text)).toBeUndefined()
})
