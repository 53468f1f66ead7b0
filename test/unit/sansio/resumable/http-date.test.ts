import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatHttpDate } from '../../../../src/sansio/resumable/http-date.ts'

it('writes every moment as the platform does', () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: last }), ms => {
      expect(formatHttpDate(ms)).toBe(new Date(ms).toUTCString())
    }),
    { numRuns: 2000 },
  )
})

it.each([0, 951_782_400_000, 951_868_799_999, 4_107_542_400_000, 1_735_689_599_999])('knows the calendar at %d', ms => {
  expect(formatHttpDate(ms)).toBe(new Date(ms).toUTCString())
})
