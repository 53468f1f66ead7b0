import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/memory.ts'
import { type StorageHarness, testStorage } from '../../src/testing.ts'

async function make(): Promise<StorageHarness> {
  const storage = memoryStorage()
  return {
    storage,
    async readBack(name) {
      const file = await storage.read(name)
      return file && new Uint8Array(await new Response(file.body).arrayBuffer())
    },
    async visible() {
      return (await storage.list()).map(file => file.name)
    },
  }
}

describe('the memory storage', () => {
  const skipped = new Set([
    'resolves a commit when it is durable',
    'stores at another place',
    'finds everything when it is opened again',
  ])
  for (const { name, run } of testStorage(make)) {
    test(name, async () => {
      expect(await run()).toBe(skipped.has(name) ? 'skipped' : 'passed')
    })
  }
})
