import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Gatherer } from '../../../src/upload/gather.ts'

const KiB = 1024
const filled = (size: number, value: number) => new Uint8Array(size).fill(value)

function gathered(...spans: readonly Uint8Array[]): Gatherer {
  const gatherer = new Gatherer()
  for (const span of spans) gatherer.add(span)
  return gatherer
}

test('spans come out in their order, long ones without a copy', () => {
  const long = [filled(64 * KiB, 1), filled(8 * KiB, 3)] as const
  const taken = gathered(long[0], Uint8Array.of(2), long[1], Uint8Array.of(4, 5)).take()
  expect(taken.map(span => [span.length, span[0]])).toEqual([
    [64 * KiB, 1],
    [1, 2],
    [8 * KiB, 3],
    [2, 4],
  ])
  expect([taken[0], taken[2]]).toEqual(long)
  expect(taken[0]?.buffer).toBe(long[0].buffer)
})

test('short spans are packed: a thousand of one byte are one', () => {
  const [span, ...more] = gathered(...Array.from({ length: 1_000 }, (_, index) => Uint8Array.of(index % 251))).take()
  expect(more).toEqual([])
  expect([...(span as Uint8Array)]).toEqual(Array.from({ length: 1_000 }, (_, index) => index % 251))
})

test('short spans between long ones share one slab', () => {
  const gatherer = new Gatherer()
  for (let index = 0; index < 15; index++) {
    gatherer.add(filled(64 * KiB, index))
    gatherer.add(Uint8Array.of(index, index))
  }
  const short = gatherer.take().filter(({ length }) => length === 2)
  expect(short.map(([first]) => first)).toEqual(Array.from({ length: 15 }, (_, index) => index))
  expect(new Set(short.map(({ buffer }) => buffer)).size).toBe(1)
})

test('what was taken is not written over by what comes next', () => {
  const gatherer = gathered(Uint8Array.of(1, 2, 3))
  const first = gatherer.take()
  expect(gatherer.size).toBe(0)
  gatherer.add(Uint8Array.of(9, 9, 9))
  expect(first.map(span => [...span])).toEqual([[1, 2, 3]])
  expect(gatherer.take().map(span => [...span])).toEqual([[9, 9, 9]])
})

test('the head is a copy of the first bytes, whatever they lie in', () => {
  const gatherer = gathered(Uint8Array.of(1, 2), filled(8 * KiB, 3), Uint8Array.of(4, 5))
  const head = gatherer.head(Number.POSITIVE_INFINITY)
  expect([head.length, head[0], head[2], ...head.subarray(-2)]).toEqual([8 * KiB + 4, 1, 3, 4, 5])
  expect([...gatherer.head(2)]).toEqual([1, 2])
  expect(gatherer.take().reduce((sum, { length }) => sum + length, 0)).toBe(8 * KiB + 4)
})

test('what was lent comes out as it is, unless it had to be kept', () => {
  const span = Uint8Array.of(1, 2, 3)
  const gatherer = new Gatherer()
  gatherer.add(span, true)
  expect([gatherer.size, [...gatherer.head(2)]]).toEqual([3, [1, 2]])
  const [lent, ...none] = gatherer.take()
  expect(none).toEqual([])
  expect(lent).toBe(span)
  gatherer.add(span, true)
  gatherer.keep()
  const [kept] = gatherer.take()
  expect(kept).toEqual(span)
  expect(kept?.buffer).not.toBe(span.buffer)
})

test('whatever was lent, kept or given, the bytes come out in order', () => {
  const step = fc.record({
    size: fc.constantFrom(0, 1, 700, 5 * KiB, 8 * KiB),
    lent: fc.boolean(),
    next: fc.constantFrom('go on', 'keep', 'take'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), steps => {
      const gatherer = new Gatherer()
      const sent: number[] = []
      const taken: number[] = []
      const take = () => {
        const size = gatherer.size
        const spans = gatherer.take()
        expect(spans.reduce((sum, { length }) => sum + length, 0)).toBe(size)
        for (const span of spans) taken.push(...span)
      }
      for (const [index, { size, lent, next }] of steps.entries()) {
        gatherer.add(filled(size, index), lent)
        sent.push(...filled(size, index))
        if (next === 'keep') gatherer.keep()
        if (next === 'take') take()
      }
      take()
      expect(taken).toEqual(sent)
    }),
  )
})
