/** The checks of `testLocker` are checked: each fault is noticed by the checks of its own promise and by no other. */
import { describe, expect, test } from 'vitest'
import { testLocker } from '../../src/testing.ts'
import { brokenLockers } from './broken-lockers.ts'
import { PlainLocker } from './plain-locker.ts'

async function failuresOf(Locker: typeof PlainLocker): Promise<string[]> {
  const checks = testLocker(async ({ timeoutMs }) => {
    const locker = new Locker(timeoutMs)
    return { locker, other: locker.another() }
  })
  const outcomes = await Promise.all(
    checks.map(({ run }) =>
      run().then(
        outcome => outcome === 'passed',
        () => false,
      ),
    ),
  )
  return checks.filter((_, index) => !outcomes[index]).map(({ name }) => name)
}

describe('a broken locker fails the checks of its own fault and no other', () => {
  test('a correct locker fails none and skips none', async () => {
    expect(await failuresOf(PlainLocker)).toEqual([])
  })

  for (const [fault, { breaks, Locker }] of Object.entries(brokenLockers)) {
    test(fault, { timeout: 40_000 }, async () => {
      const failures = await failuresOf(Locker)
      if (breaks.includes('…')) expect(failures).toEqual(expect.arrayContaining([breaks[0]]))
      else expect(failures).toEqual(breaks)
    })
  }

  test('every check has a fault that it notices', () => {
    const noticed = new Set(Object.values(brokenLockers).flatMap(({ breaks }) => breaks))
    const checks = testLocker(async () => ({ locker: new PlainLocker(0) })).map(({ name }) => name)
    expect(checks.filter(name => !noticed.has(name))).toEqual([])
  })
})
