/** The promises about commit, remove, and what others see. */
import assert from 'node:assert/strict'
import { isUploadError } from '../sansio/errors.ts'
import { numberedName } from '../sansio/filename.ts'
import type { StorageHarness } from './storage-harness.ts'
import { bytesOf, commitOne, joined, newId, refused, sameBytes, upload } from './storage-tools.ts'

export async function hidesOpen({ storage, readBack, visible }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'a.bin', bytesOf(10), bytesOf(20))
  assert.deepEqual(await visible(), [], 'names to be seen before the commit')
  assert.equal(await readBack('a.bin'), undefined)
  assert.deepEqual((await storage.list?.()) ?? [], [], 'listed before the commit')
  await commitOne(storage, id, 'a.bin')
  assert.deepEqual(await visible(), ['a.bin'], 'names to be seen after the commit')
}

export async function neverOverwrites(
  { storage, readBack }: StorageHarness,
  { racers }: { racers: number },
): Promise<undefined> {
  const wanted = 'photo.jpg'
  const contents: Uint8Array[] = []
  const open = async () => {
    const bytes = bytesOf(100, contents.length + 1)
    contents.push(bytes)
    return { id: await upload(storage, wanted, bytes), name: wanted }
  }
  const files = [await storage.commit([await open()]), await storage.commit([await open()])].flat()
  assert.deepEqual(
    files.map(file => file.name),
    [wanted, numberedName(wanted, 1)],
    'two files of one name',
  )
  files.push(...(await storage.commit([await open(), await open()])))
  const racing: Array<{ id: string; name: string }> = []
  for (let number = 0; number < racers; number++) racing.push(await open())
  files.push(...(await Promise.all(racing.map(item => storage.commit([item])))).flat())
  assert.equal(new Set(files.map(file => file.name)).size, racers + 4, `different names of ${racers} racing commits`)
  for (const [index, { name }] of files.entries()) sameBytes(await readBack(name), contents[index] as Uint8Array, name)
}

export async function commitsInOrder({ storage, readBack }: StorageHarness): Promise<undefined> {
  const list: Array<{ id: string; name: string }> = []
  for (const [seed, name] of ['b.bin', 'c.bin', 'a.bin'].entries()) {
    list.push({ id: await upload(storage, name, bytesOf(10, seed + 1)), name })
  }
  const files = await storage.commit(list)
  assert.deepEqual(
    files.map(({ id, name }) => ({ id, name })),
    list,
  )
  for (const [seed, { name }] of list.entries()) sameBytes(await readBack(name), bytesOf(10, seed + 1), name)
}

export async function tellsSize({ storage }: StorageHarness): Promise<undefined> {
  const file = await commitOne(storage, await upload(storage, 'a.bin', bytesOf(10), bytesOf(7)), 'a.bin')
  assert.equal(file.size, 17)
}

export async function commitsAllOrNone({ storage, visible }: StorageHarness): Promise<undefined> {
  const first = await upload(storage, 'first.bin', bytesOf(10))
  const last = await upload(storage, 'last.bin', bytesOf(10))
  const list = [
    { id: first, name: 'first.bin' },
    { id: newId(), name: 'unknown.bin' },
    { id: last, name: 'last.bin' },
  ]
  await refused(storage.commit(list), 'a list with an unknown upload')
  await storage.remove(first)
  await storage.remove(last)
  assert.deepEqual(await visible(), [], 'names to be seen after a refused list')
}

export async function isDurable({ storage, afterPowerCut }: StorageHarness): Promise<'skipped' | undefined> {
  if (!afterPowerCut) return 'skipped'
  const list: Array<{ id: string; name: string }> = []
  for (const name of ['a.bin', 'b.bin']) list.push({ id: await upload(storage, name, bytesOf(100), bytesOf(9)), name })
  // In the very turn in which the commit resolves, before anything else can run to an end.
  const found = await storage.commit(list).then(afterPowerCut)
  for (const { name } of list)
    sameBytes(found.get(name), joined([bytesOf(100), bytesOf(9)]), `${name} after a power cut`)
}

export async function forgets({ storage, visible }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'a.bin', bytesOf(10))
  await storage.remove(id)
  assert.equal(await storage.stat(id), undefined, 'state of a removed upload')
  await refused(storage.append(id, 10, [bytesOf(1)]), 'an append to a removed upload')
  await refused(storage.commit([{ id, name: 'a.bin' }]), 'a commit of a removed upload')
  assert.deepEqual(await visible(), [])
}

export async function removesAgain({ storage }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'a.bin', bytesOf(10))
  await Promise.all([storage.remove(id), storage.remove(id)])
  await storage.remove(id)
  await storage.remove(newId())
}

export async function keepsCommitted({ storage, readBack }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'a.bin', bytesOf(10))
  await commitOne(storage, id, 'a.bin')
  await storage.remove(id)
  sameBytes(await readBack('a.bin'), bytesOf(10), 'a committed file after remove')
}

export async function refusesInWords({ storage }: StorageHarness): Promise<undefined> {
  const id = newId()
  const errors = await Promise.all([
    refused(storage.append(id, 0, [bytesOf(1)]), 'an append to an unknown upload'),
    refused(storage.commit([{ id, name: 'a.bin' }]), 'a commit of an unknown upload'),
  ])
  for (const error of errors) assert.ok(isUploadError(error), `${String(error)} is not an UploadError`)
}

export async function lists({ storage }: StorageHarness): Promise<'skipped' | undefined> {
  if (!storage.list) return 'skipped'
  const begin = Date.now() - 5000
  const names = ['b.bin', 'a.bin', 'c.bin']
  for (const [index, name] of names.entries()) {
    await commitOne(storage, await upload(storage, name, bytesOf(index + 1)), name)
    // File systems tell times in steps of up to 10 ms.
    await new Promise(done => setTimeout(done, 30))
  }
  const found = await storage.list()
  assert.deepEqual(
    found.map(file => [file.name, file.size]),
    [
      ['c.bin', 3],
      ['a.bin', 2],
      ['b.bin', 1],
    ],
  )
  for (const { modified } of found)
    assert.ok(modified > begin && modified < Date.now() + 5000, 'a time in milliseconds')
}

export async function reads({ storage }: StorageHarness): Promise<'skipped' | undefined> {
  if (!storage.read) return 'skipped'
  assert.equal(await storage.read('a.bin'), undefined, 'a file that is not there')
  const bytes = bytesOf(700_001)
  await commitOne(storage, await upload(storage, 'a.bin', bytes), 'a.bin')
  await commitOne(storage, await upload(storage, 'empty.bin', new Uint8Array()), 'empty.bin')
  for (const [name, expected] of [
    ['a.bin', bytes],
    ['empty.bin', new Uint8Array()],
  ] as const) {
    const file = await storage.read(name)
    assert.ok(file, `${name} cannot be read`)
    assert.deepEqual([file.name, file.size], [name, expected.byteLength])
    sameBytes(new Uint8Array(await new Response(file.body).arrayBuffer()), expected, name)
  }
  await (await storage.read('a.bin'))?.body.cancel()
}

export async function readsParts({ storage }: StorageHarness): Promise<'skipped' | undefined> {
  const bytes = bytesOf(700_001)
  const { tag } = await commitOne(storage, await upload(storage, 'a.bin', bytes), 'a.bin')
  for (const [start, end] of [
    [0, 1],
    [1, 700_000],
    [262_143, 262_145],
    [300_000, 700_001],
    [700_000, 700_001],
    [0, 700_001],
  ] as const) {
    const file = await storage.read?.('a.bin')
    if (!file?.slice) return 'skipped'
    assert.equal(file.tag, tag, 'the tag that a file is read with, and that of its commit')
    await file.body.cancel()
    const part = new Uint8Array(await new Response(file.slice(start, end)).arrayBuffer())
    sameBytes(part, bytes.subarray(start, end), `from ${start} to ${end}`)
  }
}

export async function deletes({ storage, visible }: StorageHarness): Promise<'skipped' | undefined> {
  if (!storage.delete) return 'skipped'
  assert.equal(await storage.delete('a.bin'), false, 'a file that is not there')
  for (const name of ['a.bin', 'b.bin']) await commitOne(storage, await upload(storage, name, bytesOf(10)), name)
  assert.equal(await storage.delete('a.bin'), true, 'a file that is there')
  assert.deepEqual(await visible(), ['b.bin'], 'names to be seen after one was deleted')
}

export async function deletesOnlyThis({ storage, visible }: StorageHarness): Promise<'skipped' | undefined> {
  if (!storage.delete) return 'skipped'
  const first = await commitOne(storage, await upload(storage, 'a.bin', bytesOf(10)), 'a.bin')
  if (first.tag === undefined) return 'skipped'
  assert.equal(await storage.delete('a.bin', first.tag), true, 'the file of the tag')
  await commitOne(storage, await upload(storage, 'a.bin', bytesOf(10)), 'a.bin')
  assert.equal(await storage.delete('a.bin', first.tag), false, 'a later file of the same name')
  assert.deepEqual(await visible(), ['a.bin'], 'names to be seen afterwards')
}

export async function storesElsewhere(harness: StorageHarness): Promise<'skipped' | undefined> {
  const { storage, elsewhere, visible } = harness
  if (!storage.at || !elsewhere) return 'skipped'
  const there = storage.at(elsewhere.path)
  await there.prepare?.()
  const file = await commitOne(there, await upload(there, 'a.bin', bytesOf(10)), 'a.bin')
  sameBytes(await elsewhere.readBack(file.name), bytesOf(10), 'a file at another place')
  assert.deepEqual(await visible(), [], 'names to be seen at the first place')
}
