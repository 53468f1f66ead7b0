import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../../../src/sansio/headers/http-date.ts'

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

it('reads what it writes', () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: last / 1000 }), seconds => {
      expect(parseHttpDate(formatHttpDate(seconds * 1000))).toBe(seconds * 1000)
    }),
    { numRuns: 2000 },
  )
})

it.each([
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  'Sun Nov 06 08:49:37 1994',
])('reads each form: %s', text => {
  expect(parseHttpDate(text)).toBe(784_111_777_000)
})

it('takes a two-digit year for one from 1970 on', () => {
  expect(parseHttpDate('Thursday, 01-Jan-70 00:00:00 GMT')).toBe(0)
  expect(parseHttpDate('Tuesday, 31-Dec-69 23:59:59 GMT')).toBe(Date.UTC(2069, 11, 31, 23, 59, 59))
})

it('takes a leap second for the one after it', () => {
  expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2017, 0, 1))
})

it.each([
  '',
  '0',
  'yesterday',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 94 08:49:37 GMT',
  'Sun, 30 Feb 2000 08:49:37 GMT',
  'Sun, 29 Feb 1900 08:49:37 GMT',
  'Sun, 00 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nux 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:49:37 GMT',
  'Sun, 06 Nov 1994 08:60:37 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'Sun, 06 Nov 1969 08:49:37 GMT',
])('%j is no date', text => {
  expect(parseHttpDate(text)).toBeUndefined()
})
