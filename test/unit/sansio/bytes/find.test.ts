import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findBytes } from '../../../../src/sansio/bytes/find.ts'
import { nativeMultipartTools } from '../../../../src/upload/native-tools.ts'

/** Few letters, so that partial matches are the rule. */
const letters = (maxLength: number) => fc.array(fc.constantFrom(13, 10, 97), { maxLength }).map(a => Uint8Array.from(a))

it.each([
  ['plain', findBytes],
  ['native', nativeMultipartTools.find],
])('%s search finds what Buffer.indexOf finds', (_name, find) => {
  fc.assert(
    fc.property(letters(60), letters(6), fc.nat(70), (haystack, needle, from) => {
      fc.pre(needle.length > 0)
      expect(find(haystack, needle, from)).toBe(Buffer.from(haystack).indexOf(needle, from))
    }),
    { numRuns: 3000 },
  )
})

it('finds an empty needle where the search begins', () => {
  expect(findBytes(new Uint8Array(3), new Uint8Array(0), 2)).toBe(2)
  expect(findBytes(new Uint8Array(3), new Uint8Array(0), 4)).toBe(-1)
})

it('is linear for a periodic needle in its own letters', () => {
  const needle = new Uint8Array(20_001).fill(97)
  needle[20_000] = 98
  const begin = performance.now()
  expect(findBytes(new Uint8Array(4 * 1024 * 1024).fill(97), needle, 0)).toBe(-1)
  // Quadratic search makes 84 thousand million comparisons here: minutes.
  expect(performance.now() - begin).toBeLessThan(5000)
})
