import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addRange, contiguousPrefix, covers, missing, type Range } from '../../../../src/sansio/resumable/ranges.ts'

const size = 64
const anyRange = fc.tuple(fc.nat(size), fc.nat(size))

/** The same set, one flag a byte: too simple to be wrong. */
function model(added: readonly (readonly [number, number])[]): boolean[] {
  return Array.from({ length: size }, (_, byte) => added.some(([start, end]) => byte >= start && byte < end))
}

function build(added: readonly (readonly [number, number])[]): readonly Range[] {
  return added.reduce<readonly Range[]>((ranges, [start, end]) => addRange(ranges, start, end), [])
}

describe('ranges of bytes', () => {
  it.each([
    { to: [], add: [0, 4], is: [[0, 4]] },
    { to: [[0, 4]], add: [4, 8], is: [[0, 8]] },
    { to: [[4, 8]], add: [0, 4], is: [[0, 8]] },
    {
      to: [
        [0, 4],
        [8, 12],
      ],
      add: [4, 8],
      is: [[0, 12]],
    },
    {
      to: [
        [0, 4],
        [8, 12],
      ],
      add: [5, 7],
      is: [
        [0, 4],
        [5, 7],
        [8, 12],
      ],
    },
    { to: [[0, 12]], add: [4, 8], is: [[0, 12]] },
    { to: [[4, 8]], add: [0, 12], is: [[0, 12]] },
    { to: [[0, 4]], add: [4, 4], is: [[0, 4]] },
    { to: [[0, 4]], add: [9, 2], is: [[0, 4]] },
  ] as { to: Range[]; add: Range; is: Range[] }[])('$to with $add is $is', ({ to, add, is }) => {
    expect(addRange(to, ...add)).toEqual(is)
  })

  it('says the same as a flag for every byte, in whatever order the bytes come', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 20 }), anyRange, (added, [start, end]) => {
        const ranges = build(added)
        const flags = model(added)
        const hole = flags.indexOf(false)
        expect(contiguousPrefix(ranges)).toBe(hole < 0 ? size : hole)
        expect(ranges.reduce((sum, range) => sum + range[1] - range[0], 0)).toBe(flags.filter(Boolean).length)
        expect(covers(ranges, start, end)).toBe(flags.slice(start, end).every(Boolean))
        const holes = model(missing(ranges, start, end))
        expect(holes).toEqual(flags.map((flag, byte) => !flag && byte >= start && byte < end))
      }),
    )
  })

  it('keeps ranges sorted, apart and not empty, so that a set has one form only', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 20 }), added => {
        const ranges = build(added)
        for (const [i, [start, end]] of ranges.entries()) {
          expect(end).toBeGreaterThan(start)
          if (i > 0) expect(start).toBeGreaterThan((ranges[i - 1] as Range)[1])
        }
        expect(build([...added].reverse())).toEqual(ranges)
        expect(build([...added, ...added])).toEqual(ranges)
      }),
    )
  })

  it('never changes the set it was given', () => {
    const before: readonly Range[] = Object.freeze([Object.freeze([0, 4] as const), Object.freeze([8, 12] as const)])
    addRange(before, 2, 10)
    expect(before).toEqual([
      [0, 4],
      [8, 12],
    ])
  })

  it('has no prefix where the first byte is missing', () => {
    expect(contiguousPrefix([])).toBe(0)
    expect(contiguousPrefix([[1, 5]])).toBe(0)
  })
})
