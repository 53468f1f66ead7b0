/** The `Locker` contract as a list of runnable checks. */
import type { Locker } from '../upload/ports.ts'
import { lockerChecks } from './locker-checks.ts'
import type { LockerHarness } from './locker-harness.ts'

export type { LockerHarness } from './locker-harness.ts'

/** One promise of the contract. */
export interface LockerCheck {
  /** The promise, e.g. `grants to one at a time`. */
  readonly name: string
  /**
   * Makes a locker and tries the promise on it.
   *
   * @returns `'skipped'` when the locker lacks what is in question
   * @throws AssertionError when the promise is broken
   */
  run(): Promise<'passed' | 'skipped'>
}

/**
 * The promises of the `Locker` port, for any test runner. A locker that passes can be handed to `dropgate()`.
 *
 * @param make makes a fresh locker; called once per check, with the time in milliseconds after which an `acquire` is to
 *   give up with `server-busy`
 * @example
 * import { test } from 'node:test'
 * import { testLocker } from 'dropgate/testing'
 *
 * const checks = testLocker(async ({ timeoutMs }) => ({ locker: memoryLocker({ timeoutMs }) }))
 * for (const check of checks) test(check.name, async () => { await check.run() })
 */
export function testLocker(
  make: (options: { readonly timeoutMs: number }) => Promise<LockerHarness>,
): readonly LockerCheck[] {
  return lockerChecks.map(([name, timeoutMs, check]) => ({
    name,
    async run() {
      const harness = await make({ timeoutMs })
      try {
        const { locker, other } = harness
        return (await check({ locker: quiet(locker), ...(other && { other: quiet(other) }) }, timeoutMs)) ?? 'passed'
      } finally {
        await harness.cleanup?.()
      }
    },
  }))
}

/** A check that fails leaves requests behind that nobody waits for any more. */
function quiet(locker: Locker): Locker {
  return {
    acquire(...args) {
      const acquired = locker.acquire(...args)
      acquired.catch(() => {})
      return acquired
    },
  }
}
