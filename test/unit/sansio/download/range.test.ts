import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRange } from '../../../../src/sansio/download/range.ts'

describe('a range of a file of 1,000 bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=0-499', { start: 0, end: 500 }],
    ['bytes=500-', { start: 500, end: 1000 }],
    ['bytes=999-', { start: 999, end: 1000 }],
    ['bytes=0-', { start: 0, end: 1000 }],
    ['bytes=900-99999', { start: 900, end: 1000 }],
    ['bytes=0-99999999999999999999999', { start: 0, end: 1000 }],
    ['bytes=-1', { start: 999, end: 1000 }],
    ['bytes=-1000', { start: 0, end: 1000 }],
    ['bytes=-99999999999999999999999', { start: 0, end: 1000 }],
    ['BYTES=1-2', { start: 1, end: 3 }],
    ['bytes= 1-2 ', { start: 1, end: 3 }],
  ])('%s', (field, range) => expect(parseRange(field, 1000)).toEqual(range))

  it.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', 'bytes=99999999999999999999999-'])('%s is not there', field =>
    expect(parseRange(field, 1000)).toBe('unsatisfiable'),
  )

  it.each([
    null,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=2-1',
    'bytes=a-b',
    'bytes=1-2x',
    'bytes=+1-2',
    'bytes=1.0-2',
    'bytes=0x1-2',
    'bytes=1 - 2',
    'bytes 1-2',
    'items=1-2',
    'bytes=0-0,2-2',
    'bytes=0-0,',
    `bytes=${'0-,'.repeat(1300)}0-`,
  ])('%j counts for nothing', field => expect(parseRange(field, 1000)).toBe('whole'))
})

it('an empty file has no byte to ask for', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(parseRange('bytes=0-0', 0)).toBe('unsatisfiable')
  expect(parseRange('bytes=-5', 0)).toBe('whole')
})

it('whatever is asked, the answer lies within the file and is not empty', () => {
  const number = fc.oneof(
    fc.constant(''),
    fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String),
    fc.nat(2000).map(String),
  )
  fc.assert(
    fc.property(number, number, fc.nat(1000), (first, last, size) => {
      const range = parseRange(`bytes=${first}-${last}`, size)
      if (typeof range === 'string') return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.start).toBeLessThan(range.end)
      expect(range.end).toBeLessThanOrEqual(size)
    }),
    { numRuns: 2000 },
  )
})
