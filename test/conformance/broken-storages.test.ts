/** The checks of `testStorage` are checked: each fault is noticed by its own check and by no other. */
import { describe, expect, test } from 'vitest'
import { type StorageHarness, testStorage } from '../../src/testing.ts'
import { brokenResumables } from './broken-resumables.ts'
import { brokenStorages } from './broken-storages.ts'
import type { PlainResumables } from './plain-resumables.ts'
import { PlainStorage } from './plain-storage.ts'

function harnessOf(Storage: typeof PlainStorage, Resumables?: typeof PlainResumables): () => Promise<StorageHarness> {
  return async () => {
    const places = new Map<string, PlainStorage>()
    const storage = new Storage(places, Resumables)
    return {
      storage,
      readBack: async name => storage.files.get(name)?.bytes,
      visible: async () => storage.visible(),
      async reopen() {
        const again = new Storage(places, Resumables)
        again.inherit(storage)
        return again
      },
      // A snapshot at the moment of the call.
      afterPowerCut: async () => new Map(storage.durable),
      elsewhere: { path: 'there', readBack: async name => places.get('there')?.files.get(name)?.bytes },
    }
  }
}

async function failuresOf(Storage: typeof PlainStorage, Resumables?: typeof PlainResumables): Promise<string[]> {
  const failures: string[] = []
  for (const { name, run } of testStorage(harnessOf(Storage, Resumables))) {
    const passed = await run().then(
      outcome => outcome === 'passed',
      () => false,
    )
    if (!passed) failures.push(name)
  }
  return failures
}

describe('a broken storage fails the check of its own fault and no other', () => {
  test('a correct storage fails none and skips none', async () => {
    expect(await failuresOf(PlainStorage)).toEqual([])
  })

  for (const [fault, { breaks, Storage }] of Object.entries(brokenStorages)) {
    test(fault, async () => {
      expect(await failuresOf(Storage)).toEqual([breaks])
    })
  }

  for (const [fault, { breaks, Resumables }] of Object.entries(brokenResumables)) {
    test(fault, async () => {
      expect(await failuresOf(PlainStorage, Resumables)).toEqual([breaks])
    })
  }

  test('every check has a fault that it notices', () => {
    const all = [...Object.values(brokenStorages), ...Object.values(brokenResumables)]
    const noticed = new Set(all.map(({ breaks }) => breaks))
    const checks = testStorage(harnessOf(PlainStorage)).map(({ name }) => name)
    expect(checks.filter(name => !noticed.has(name))).toEqual([])
  })
})
