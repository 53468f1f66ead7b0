import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/memory.ts'
import { store } from './temp-folder.ts'

// What every storage promises is in test/conformance.

test('of two files of the same millisecond the later one is listed first', async () => {
  const storage = memoryStorage()
  for (const name of ['a', 'b', 'c']) await store(storage, name, new Uint8Array(1))
  expect((await storage.list()).map(file => file.name)).toEqual(['c', 'b', 'a'])
})

test('an upload listed twice is refused and nothing is committed', async () => {
  const storage = memoryStorage()
  const id = '0'.repeat(22)
  await storage.create({ id, name: 'a', type: '' })
  const twice = [id, id].map(id => ({ id, name: 'a' }))
  await expect(storage.commit(twice)).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await storage.list()).toEqual([])
})
