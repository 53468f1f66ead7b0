/** The checks of `testStorage` are checked: each fault is noticed by its own check and by no other. */
import { describe, expect, test } from 'vitest'
import { type StorageHarness, testStorage } from '../../src/testing.ts'
import { brokenStorages } from './broken-storages.ts'
import { PlainStorage } from './plain-storage.ts'

function harnessOf(Storage: typeof PlainStorage): () => Promise<StorageHarness> {
  return async () => {
    const places = new Map<string, PlainStorage>()
    const storage = new Storage(places)
    return {
      storage,
      readBack: async name => storage.files.get(name)?.bytes,
      visible: async () => storage.visible(),
      // A snapshot at the moment of the call.
      afterPowerCut: async () => new Map(storage.durable),
      elsewhere: { path: 'there', readBack: async name => places.get('there')?.files.get(name)?.bytes },
    }
  }
}

async function failuresOf(Storage: typeof PlainStorage): Promise<string[]> {
  const failures: string[] = []
  for (const { name, run } of testStorage(harnessOf(Storage))) {
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

  test('every check has a fault that it notices', () => {
    const noticed = new Set(Object.values(brokenStorages).map(({ breaks }) => breaks))
    const checks = testStorage(harnessOf(PlainStorage)).map(({ name }) => name)
    expect(checks.filter(name => !noticed.has(name))).toEqual([])
  })
})
