/** The storage's contract, with a helper that has something to do. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import type { Helper } from '../../../../../src/storages/disk/helper/helper.ts'
import { inlineCalls } from '../../../../../src/storages/disk/inline.ts'
import { openDiskStorage } from '../../../../../src/storages/disk/storage.ts'
import { type StorageHarness, testStorage } from '../../../../../src/testing.ts'
import { tempFolder } from '../../temp-folder.ts'
import { crowd, helpers, makeReal, newId } from './place.ts'
import { type Counted, counted } from './tools.ts'

beforeAll(makeReal)

describe('the contract, with a crowd of uploads that wait', () => {
  const uses: Counted[] = []

  async function crowded(helper: Helper): Promise<StorageHarness> {
    const root = await tempFolder()
    const folder = join(root, 'store')
    const watched = counted(helper)
    uses.push(watched)
    const open = () => openDiskStorage(folder, { durable: false }, nodeFileSystem, inlineCalls, watched)
    const storage = open()
    await storage.prepare()
    for (let count = 1; count < crowd; count++) await storage.create({ id: newId(), name: 'waits', type: '' })
    const readBack = (name: string) =>
      readFile(join(folder, name)).then(
        bytes => new Uint8Array(bytes),
        () => undefined,
      )
    const visible = async () => (await readdir(folder)).filter(name => name !== '.dropgate')
    return { storage, readBack, visible, reopen: async () => open() }
  }

  const skipped = ['resolves a commit when it is durable', 'stores at another place']

  // One that dies is the event loop alone from then on, which has its own run of the contract.
  const lasting = helpers.filter(([name]) => !name.includes('dies'))

  for (const [helperName, make] of lasting) {
    for (const { name, run } of testStorage(() => crowded(make()))) {
      test(`${helperName}: ${name}`, async () =>
        expect(await run()).toBe(skipped.includes(name) ? 'skipped' : 'passed'))
    }
  }

  afterAll(() => {
    // A contract that the helper has nothing to do with would prove nothing of it.
    expect(uses.filter(({ taken }) => taken.write > 0 && taken.move > 0).length).toBeGreaterThan(5 * lasting.length)
  })
})
