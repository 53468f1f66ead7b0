import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeRate } from '../../../../src/sansio/limits/rate.ts'

const minute = 60_000

/** How many of the requests at these times are admitted. */
function admitted(times: readonly number[], perMinute: number): number[] {
  let kept: number | undefined
  return times.filter(now => {
    const verdict = judgeRate(kept, now, perMinute)
    if (verdict.admitted) kept = verdict.next
    return verdict.admitted
  })
}

test("a whole minute's worth may come at once, and not one more", () => {
  expect(admitted(Array(200).fill(5_000), 60)).toHaveLength(60)
})

test('after that they come evenly', () => {
  const times = [...Array(60).fill(0), ...Array.from({ length: 120 }, (_, i) => (i + 1) * 500)]
  expect(admitted(times, 60)).toHaveLength(60 + 60)
})

test('it says how long to wait, and that is enough and not too long', () => {
  let kept: number | undefined
  for (let i = 0; i < 10; i++) {
    const verdict = judgeRate(kept, 0, 10)
    if (verdict.admitted) kept = verdict.next
  }
  const refused = judgeRate(kept, 1_500, 10)
  expect(refused).toEqual({ admitted: false, waitMs: 4_500 })
  expect(judgeRate(kept, 1_500 + 4_500, 10).admitted).toBe(true)
  expect(judgeRate(kept, 1_500 + 4_499, 10).admitted).toBe(false)
})

test('in no minute come more than twice the rate, and over n minutes at most n + 1 times', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 3 * minute }), { minLength: 1, maxLength: 400 }),
      (perMinute, times) => {
        const taken = admitted(
          [...times].sort((a, b) => a - b),
          perMinute,
        )
        for (const minutes of [1, 3]) {
          for (const start of taken) {
            const inside = taken.filter(time => time >= start && time < start + minutes * minute).length
            expect(inside).toBeLessThanOrEqual((minutes + 1) * perMinute)
          }
        }
      },
    ),
    { numRuns: 100 },
  )
})
