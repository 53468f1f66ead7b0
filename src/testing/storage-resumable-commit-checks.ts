/** The promises about resumable uploads that become files, go, or are found again. */
import assert from 'node:assert/strict'
import { numberedName } from '../sansio/filename.ts'
import type { ResumableStorage } from '../upload/ports.ts'
import { begun, recordsOf, reopened } from './resumable-tools.ts'
import type { StorageHarness } from './storage-harness.ts'
import { bytesOf, joined, newId, refused, sameBytes } from './storage-tools.ts'

export async function hides(resumable: ResumableStorage, { visible, readBack }: StorageHarness): Promise<undefined> {
  const id = await begun(resumable, bytesOf(10))
  await resumable.release(id)
  assert.deepEqual(await visible(), [], 'names to be seen before the commit')
  await resumable.commit([{ id, name: 'a.bin', size: 10 }])
  assert.deepEqual(await visible(), ['a.bin'], 'names to be seen after the commit')
  sameBytes(await readBack('a.bin'), bytesOf(10), 'a committed file')
}

export async function cuts(resumable: ResumableStorage, { readBack }: StorageHarness): Promise<undefined> {
  const bytes = bytesOf(100_000)
  for (const size of [99_999, 50, 0]) {
    const id = await begun(resumable, bytes)
    const [file] = await resumable.commit([{ id, name: `${size}.bin`, size }])
    assert.equal(file?.size, size, 'size of the file')
    sameBytes(await readBack(`${size}.bin`), bytes.subarray(0, size), `the first ${size} bytes`)
  }
  const id = await begun(resumable, bytes)
  await refused(resumable.commit([{ id, name: 'more.bin', size: 100_001 }]), 'a commit of more bytes than there are')
}

export async function neverOverwrites(resumable: ResumableStorage, harness: StorageHarness): Promise<undefined> {
  const wanted = 'photo.jpg'
  const item = async (seed: number) => ({ id: await begun(resumable, bytesOf(100, seed)), name: wanted, size: 100 })
  const files = [...(await resumable.commit([await item(1)])), ...(await resumable.commit([await item(2)]))]
  assert.deepEqual(
    files.map(file => file.name),
    [wanted, numberedName(wanted, 1)],
  )
  const racing = [await item(3), await item(4), await item(5), await item(6)]
  files.push(...(await Promise.all(racing.map(one => resumable.commit([one])))).flat())
  for (const [index, { name }] of files.entries())
    sameBytes(await harness.readBack(name), bytesOf(100, index + 1), name)
}

export async function commitsAllOrNone(resumable: ResumableStorage, harness: StorageHarness): Promise<undefined> {
  const list = [
    { id: await begun(resumable, bytesOf(10, 1)), name: 'b.bin', size: 10 },
    { id: newId(), name: 'unknown.bin', size: 10 },
    { id: await begun(resumable, bytesOf(10, 2)), name: 'a.bin', size: 10 },
  ]
  await refused(resumable.commit(list), 'a list with an unknown upload')
  assert.deepEqual(await harness.visible(), [], 'names to be seen after a refused list')
  const good = list.filter((_, index) => index !== 1)
  const files = await resumable.commit(good)
  assert.deepEqual(
    files.map(({ id, name, size }) => ({ id, name, size })),
    good,
  )
  for (const [index, { name }] of good.entries()) sameBytes(await harness.readBack(name), bytesOf(10, index + 1), name)
}

export async function keepsFinished(resumable: ResumableStorage): Promise<undefined> {
  const id = await begun(resumable, bytesOf(10))
  await resumable.commit([{ id, name: 'a.bin', size: 10 }])
  assert.equal(await resumable.load(id), 'record of 10', 'the record after the commit')
  for (const record of ['finished', 'told']) {
    await resumable.save(id, record)
    assert.equal(await resumable.load(id), record)
  }
  await resumable.release(id)
  assert.deepEqual(await recordsOf(resumable), new Map([[id, 'told']]))
}

export async function writesNoMore(resumable: ResumableStorage, harness: StorageHarness): Promise<undefined> {
  const id = await begun(resumable, bytesOf(10))
  await resumable.commit([{ id, name: 'a.bin', size: 10 }])
  await refused(resumable.write(id, 5, [bytesOf(10, 2)]), 'a write after the commit')
  await resumable.release(id)
  await refused(resumable.write(id, 5, [bytesOf(10, 2)]), 'a write after commit and release')
  await resumable.save(id, 'finished')
  await refused(resumable.write(id, 5, [bytesOf(10, 2)]), 'a write after commit and save')
  sameBytes(await harness.readBack('a.bin'), bytesOf(10), 'the file after refused writes')
}

export async function forgets(resumable: ResumableStorage): Promise<undefined> {
  const id = await begun(resumable, bytesOf(10))
  await Promise.all([resumable.remove(id), resumable.remove(id)])
  await resumable.remove(id)
  await resumable.remove(newId())
  assert.equal(await resumable.load(id), undefined, 'record of a removed upload')
  assert.deepEqual(await recordsOf(resumable), new Map())
  await refused(resumable.write(id, 10, [bytesOf(1)]), 'a write to a removed upload')
  await refused(resumable.save(id, 'again'), 'a save of a removed upload')
  await refused(resumable.commit([{ id, name: 'a.bin', size: 10 }]), 'a commit of a removed upload')
}

export async function keepsFile(resumable: ResumableStorage, { readBack }: StorageHarness): Promise<undefined> {
  for (const name of ['saved.bin', 'unsaved.bin']) {
    const id = await begun(resumable, bytesOf(10))
    await resumable.commit([{ id, name, size: 10 }])
    if (name === 'saved.bin') await resumable.save(id, 'finished')
    await resumable.remove(id)
    sameBytes(await readBack(name), bytesOf(10), 'a committed file after remove')
  }
}

export async function findsAgain(resumable: ResumableStorage, harness: StorageHarness): Promise<'skipped' | undefined> {
  const open = await begun(resumable, bytesOf(10, 1))
  const done = await begun(resumable, bytesOf(10, 2))
  await resumable.commit([{ id: done, name: 'done.bin', size: 10 }])
  await resumable.save(done, 'finished')
  const again = (await reopened(harness))?.resumable
  if (!again) return 'skipped'
  assert.deepEqual((await recordsOf(again)).get(open), 'record of 10')
  assert.equal(await again.load(done), 'finished')
  await again.write(open, 10, [bytesOf(10, 3)])
  await again.save(open, 'record of 20')
  await again.commit([{ id: open, name: 'open.bin', size: 20 }])
  sameBytes(await harness.readBack('open.bin'), joined([bytesOf(10, 1), bytesOf(10, 3)]), 'begun before, ended after')
  await again.remove(done)
  assert.equal(await again.load(done), undefined)
}
