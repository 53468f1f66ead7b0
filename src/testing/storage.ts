/** The `Storage` contract as a list of runnable checks. */
import { storageChecks } from './storage-checks.ts'
import type { StorageHarness } from './storage-harness.ts'

export type { StorageHarness } from './storage-harness.ts'

/** One promise of the contract. */
export interface StorageCheck {
  /** The promise, e.g. `never overwrites`. */
  readonly name: string
  /**
   * Makes a storage and tries the promise on it.
   *
   * @returns `'skipped'` when the storage lacks the capability in question
   * @throws AssertionError when the promise is broken
   */
  run(): Promise<'passed' | 'skipped'>
}

/** Options of {@link testStorage}. */
export interface TestStorageOptions {
  /** How many commits race for one name. Default 100. */
  readonly racers?: number
}

/**
 * The promises of the `Storage` port, for any test runner. A storage that passes can be handed to `dropgate()`.
 *
 * @param make makes a fresh, empty storage; called once per check
 * @example
 * import { test } from 'node:test'
 * import { testStorage } from 'dropgate/testing'
 *
 * for (const check of testStorage(makeHarness)) test(check.name, async () => { await check.run() })
 */
export function testStorage(
  make: () => Promise<StorageHarness>,
  options: TestStorageOptions = {},
): readonly StorageCheck[] {
  const settings = { racers: options.racers ?? 100 }
  return storageChecks.map(([name, check]) => ({
    name,
    async run() {
      const harness = await make()
      try {
        await harness.storage.prepare?.()
        return (await check(harness, settings)) ?? 'passed'
      } finally {
        await harness.cleanup?.()
      }
    },
  }))
}
