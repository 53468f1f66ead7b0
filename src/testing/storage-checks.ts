/** The promises of the `Storage` port. Each is independent of the others, so that one fault breaks one check. */
import assert from 'node:assert/strict'
import {
  commitsAllOrNone,
  commitsInOrder,
  deletes,
  deletesOnlyThis,
  forgets,
  hidesOpen,
  isDurable,
  keepsCommitted,
  lists,
  neverOverwrites,
  reads,
  readsParts,
  refusesInWords,
  removesAgain,
  storesElsewhere,
  tellsSize,
} from './storage-commit-checks.ts'
import type { StorageHarness } from './storage-harness.ts'
import { resumableChecks } from './storage-resumable-checks.ts'
import { bytesOf, commitOne, joined, newId, refused, sameBytes, upload } from './storage-tools.ts'

type Check = (harness: StorageHarness, settings: { readonly racers: number }) => Promise<'skipped' | undefined>

/** In the order of an upload's life. */
export const storageChecks: ReadonlyArray<readonly [name: string, check: Check]> = [
  ['can be prepared again while an upload is open', preparesAgain],
  ['refuses to create an id twice', createsOnce],
  ['keeps an empty file', keepsEmpty],
  ['keeps every span of an append', keepsSpans],
  ['keeps views into larger buffers', keepsViews],
  ['keeps a large append', keepsLarge],
  ['keeps many appends of odd sizes', keepsMany],
  ['does not hold on to the memory of the caller', letsGo],
  ['refuses an append at a wrong offset', refusesOffsets],
  ['keeps concurrent uploads apart', keepsApart],
  ['tells the state of an upload', tellsState],
  ['reads an open upload', readsOpen],
  ['shows nothing before the commit', hidesOpen],
  ['never overwrites', neverOverwrites],
  ['commits a list in its order', commitsInOrder],
  ['tells the size of each file', tellsSize],
  ['commits all of a list or none', commitsAllOrNone],
  ['resolves a commit when it is durable', isDurable],
  ['forgets a removed upload', forgets],
  ['removes again and removes the unknown', removesAgain],
  ['keeps a committed file when its upload is removed', keepsCommitted],
  ['refuses with an UploadError', refusesInWords],
  ['lists the committed files, newest first', lists],
  ['reads a committed file', reads],
  ['reads a part of a committed file', readsParts],
  ['deletes a committed file', deletes],
  ['deletes only the file of the tag', deletesOnlyThis],
  ['stores at another place', storesElsewhere],
  ...resumableChecks,
]

async function preparesAgain({ storage, readBack }: StorageHarness): Promise<undefined> {
  const bytes = bytesOf(10)
  const id = await upload(storage, 'a.bin', bytes)
  await storage.prepare?.()
  await commitOne(storage, id, 'a.bin')
  sameBytes(await readBack('a.bin'), bytes, 'after a second prepare')
}

async function createsOnce({ storage }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'a.bin')
  await refused(storage.create({ id, name: 'b.bin', type: '' }), 'a second create of the same id')
}

async function keepsEmpty({ storage, readBack, visible }: StorageHarness): Promise<undefined> {
  const file = await commitOne(storage, await upload(storage, 'empty.bin'), 'empty.bin')
  assert.equal(file.size, 0)
  sameBytes(await readBack('empty.bin'), new Uint8Array(), 'an empty file')
  const id = await upload(storage, 'empty2.bin', new Uint8Array())
  await commitOne(storage, id, 'empty2.bin')
  sameBytes(await readBack('empty2.bin'), new Uint8Array(), 'a file of one empty span')
  assert.deepEqual([...(await visible())].sort(), ['empty.bin', 'empty2.bin'])
}

async function keepsSpans({ storage, readBack }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'spans.bin')
  const spans = [1, 1000, 0, 3, 77].map((length, index) => bytesOf(length, index + 1))
  await storage.append(id, 0, spans)
  await storage.append(id, 1081, spans.slice(0, 2))
  await commitOne(storage, id, 'spans.bin')
  sameBytes(await readBack('spans.bin'), joined([...spans, ...spans.slice(0, 2)]), 'spans')
}

async function keepsViews({ storage, readBack }: StorageHarness): Promise<undefined> {
  const whole = bytesOf(4096)
  const view = whole.subarray(13, 1014)
  await commitOne(storage, await upload(storage, 'view.bin', view), 'view.bin')
  sameBytes(await readBack('view.bin'), view, 'a view')
}

async function keepsLarge({ storage, readBack }: StorageHarness): Promise<undefined> {
  const bytes = bytesOf(3 * 1024 * 1024 + 1)
  await commitOne(storage, await upload(storage, 'large.bin', bytes), 'large.bin')
  sameBytes(await readBack('large.bin'), bytes, 'an append of 3 MiB')
}

async function keepsMany({ storage, readBack }: StorageHarness): Promise<undefined> {
  const pieces = Array.from({ length: 24 }, (_, index) => bytesOf(index % 3 === 0 ? 1 : 400_000 + index * 977, index))
  await commitOne(storage, await upload(storage, 'many.bin', ...pieces), 'many.bin')
  sameBytes(await readBack('many.bin'), joined(pieces), 'many appends')
}

async function letsGo({ storage, readBack }: StorageHarness): Promise<undefined> {
  const id = await upload(storage, 'reused.bin')
  const memory = new Uint8Array(1000)
  const pieces = [bytesOf(1000, 1), bytesOf(1000, 2)]
  for (const [index, piece] of pieces.entries()) {
    memory.set(piece)
    await storage.append(id, index * 1000, [memory])
    memory.fill(0xff)
  }
  await commitOne(storage, id, 'reused.bin')
  sameBytes(await readBack('reused.bin'), joined(pieces), 'memory that the caller used again')
}

async function refusesOffsets({ storage }: StorageHarness): Promise<undefined> {
  for (const offset of [0, 9, 11, 20]) {
    const id = await upload(storage, 'a.bin', bytesOf(10))
    await refused(storage.append(id, offset, [bytesOf(5)]), `an append at ${offset} of an upload of 10 bytes`)
  }
}

async function keepsApart({ storage, readBack }: StorageHarness): Promise<undefined> {
  const all = await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      const pieces = [0, 1, 2].map(part => bytesOf(5000 + number, number * 10 + part + 1))
      return { name: `${number}.bin`, pieces, id: await upload(storage, `${number}.bin`, ...pieces) }
    }),
  )
  for (const { id, name } of all) await commitOne(storage, id, name)
  for (const { name, pieces } of all) sameBytes(await readBack(name), joined(pieces), name)
}

async function readsOpen({ storage }: StorageHarness): Promise<'skipped' | undefined> {
  if (!storage.readAt) return 'skipped'
  const bytes = bytesOf(3000)
  const id = await upload(storage, 'a.bin', bytes.slice(0, 1000), bytes.slice(1000))
  sameBytes(await storage.readAt(id, 0, 5000), bytes, 'all of an open upload')
  sameBytes(await storage.readAt(id, 990, 20), bytes.subarray(990, 1010), 'a piece across two appends')
  sameBytes(await storage.readAt(id, 2999, 10), bytes.subarray(2999), 'the end')
  sameBytes(await storage.readAt(id, 3000, 10), new Uint8Array(), 'what lies behind the end')
  const small = await upload(storage, 'b.bin', bytes.slice(0, 7))
  sameBytes(await storage.readAt(small, 2, 3), bytes.subarray(2, 5), 'a piece of one append')
  const empty = await upload(storage, 'c.bin')
  sameBytes(await storage.readAt(empty, 0, 10), new Uint8Array(), 'an upload without bytes')
  await commitOne(storage, id, 'a.bin')
  return undefined
}

async function tellsState({ storage }: StorageHarness): Promise<undefined> {
  const facts = { id: newId(), name: 'a.txt', type: 'text/plain', length: 30 }
  assert.equal(await storage.stat(facts.id), undefined, 'state of an unknown upload')
  await storage.create(facts)
  for (const offset of [0, 10, 20]) {
    assert.deepEqual(await storage.stat(facts.id), { ...facts, offset })
    await storage.append(facts.id, offset, [bytesOf(10)])
  }
  assert.deepEqual(await storage.stat(facts.id), { ...facts, offset: 30 })
  await commitOne(storage, facts.id, 'a.txt')
  assert.equal(await storage.stat(facts.id), undefined, 'state of a committed upload')
}
