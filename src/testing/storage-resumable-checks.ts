/** The promises of the capability `resumable`. */
import assert from 'node:assert/strict'
import { isUploadError } from '../sansio/errors.ts'
import type { ResumableStorage } from '../upload/ports.ts'
import { begun, contentOf, recordsOf, reopened } from './resumable-tools.ts'
import type { StorageHarness } from './storage-harness.ts'
import {
  commitsAllOrNone,
  cuts,
  findsAgain,
  forgets,
  hides,
  keepsFile,
  keepsFinished,
  neverOverwrites,
  writesNoMore,
} from './storage-resumable-commit-checks.ts'
import { bytesOf, joined, newId, refused, sameBytes } from './storage-tools.ts'

type Check = (resumable: ResumableStorage, harness: StorageHarness) => Promise<'skipped' | undefined>

/** In the order of an upload's life. */
export const resumableChecks: ReadonlyArray<
  readonly [name: string, check: (harness: StorageHarness) => Promise<'skipped' | undefined>]
> = (
  [
    ['keeps the record of a resumable upload', keepsRecord],
    ['refuses to create a resumable upload twice', createsOnce],
    ['replaces a record by a longer or a shorter one', replacesRecord],
    ['shows the old record or the new one while saving', savesWhole],
    ['keeps bytes written in any order', writesAnywhere],
    ['keeps bytes written beyond the end', writesBeyond],
    ['keeps concurrent writes to different places', writesAtOnce],
    ['saves beside a write', savesBesideWrites],
    ['does not hold on to the memory of a writer', letsGo],
    ['reads a part of a resumable upload', readsParts],
    ['concatenates and keeps the sources', concatenates],
    ['hides a resumable upload until its commit', hides],
    ['cuts a resumable upload to its size', cuts],
    ['never overwrites with a resumable upload', neverOverwrites],
    ['commits all resumable uploads of a list or none', commitsAllOrNone],
    ['keeps the record of a committed upload', keepsFinished],
    ['writes no more to what is a file', writesNoMore],
    ['forgets a removed resumable upload', forgets],
    ['keeps a committed file when its resumable upload is removed', keepsFile],
    ['goes on after a release', goesOn],
    ['lists all records', listsRecords],
    ['refuses a resumable call with an UploadError', refusesInWords],
    ['finds everything when it is opened again', findsAgain],
  ] satisfies ReadonlyArray<readonly [string, Check]>
).map(([name, check]) => [
  name,
  async harness => {
    const { resumable } = harness.storage
    return resumable ? check(resumable, harness) : 'skipped'
  },
])

async function keepsRecord(resumable: ResumableStorage): Promise<undefined> {
  assert.equal(await resumable.load(newId()), undefined, 'record of an unknown upload')
  const records = ['', '{"name":"träge 😀.txt"}', 'x'.repeat(20_000)]
  for (const record of records) {
    const id = newId()
    await resumable.create(id, record)
    assert.equal(await resumable.load(id), record)
  }
}

async function createsOnce(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  await resumable.create(id, 'first')
  await refused(resumable.create(id, 'second'), 'a second create of the same id')
  assert.equal(await resumable.load(id), 'first', 'the record after a refused create')
}

async function replacesRecord(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  await resumable.create(id, 'first')
  for (const length of [3, 100, 1, 9000, 0, 70_000, 5, 5, 4000]) {
    const record = 'abcdefgh'.repeat(length / 8 + 1).slice(0, length)
    await resumable.save(id, record)
    assert.equal(await resumable.load(id), record)
  }
}

async function savesWhole(resumable: ResumableStorage, harness: StorageHarness): Promise<undefined> {
  const reader = (await reopened(harness))?.resumable ?? resumable
  const id = newId()
  const records = Array.from({ length: 40 }, (_, number) => `${number};`.repeat(1 + ((number * 977) % 5000)))
  await resumable.create(id, records[0] as string)
  let saved = 0
  let saving = 0
  const save = async () => {
    for (const [number, record] of records.entries()) {
      saving = number
      await resumable.save(id, record)
      saved = number
    }
  }
  let running = true
  const ended = save().finally(() => {
    running = false
  })
  ended.catch(() => {})
  do {
    const oldest = saved
    const record = await reader.load(id)
    // A reader that took longer than a save may have seen any from then to now.
    const possible = records.slice(oldest, saving + 1)
    assert.ok(record !== undefined && possible.includes(record), 'a record that was never saved')
    // A storage in memory reads without a turn of the event loop, which a save may need.
    await new Promise(resolve => setImmediate(resolve))
  } while (running)
  await ended
}

async function writesAnywhere(resumable: ResumableStorage): Promise<undefined> {
  const bytes = bytesOf(2_500_000)
  const id = newId()
  await resumable.create(id, '')
  const size = 500_000
  for (const part of [3, 0, 4, 1, 3, 2]) {
    const piece = bytes.subarray(part * size, (part + 1) * size)
    await resumable.write(id, part * size, [piece.subarray(0, 13), piece.subarray(13)])
  }
  sameBytes(await contentOf(resumable, id, bytes.byteLength), bytes, 'five parts out of order, one of them twice')
  await resumable.write(id, 10, [new Uint8Array(20)])
  bytes.fill(0, 10, 30)
  sameBytes(await contentOf(resumable, id, bytes.byteLength), bytes, 'bytes written over others')
}

async function writesBeyond(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  await resumable.create(id, '')
  await resumable.write(id, 100_000, [bytesOf(50)])
  sameBytes(await resumable.readAt(id, 100_000, 50), bytesOf(50), 'bytes beyond the end')
  await resumable.write(id, 0, [bytesOf(100_000, 2)])
  const whole = joined([bytesOf(100_000, 2), bytesOf(50)])
  sameBytes(await contentOf(resumable, id, 200_000), whole, 'bytes beyond the end, once the rest came')
}

async function writesAtOnce(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  await resumable.create(id, '')
  const pieces = Array.from({ length: 8 }, (_, number) => bytesOf(150_001, number + 1))
  await Promise.all(
    pieces.map(async (piece, number) => {
      const half = 75_000
      await resumable.write(id, number * piece.byteLength, [piece.subarray(0, half)])
      await resumable.write(id, number * piece.byteLength + half, [piece.subarray(half)])
    }),
  )
  sameBytes(await contentOf(resumable, id, 2_000_000), joined(pieces), 'eight writers')
}

async function savesBesideWrites(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  const size = 64 * 1024
  const pieces = Array.from({ length: 16 }, (_, number) => new Uint8Array(size).fill(number + 1))
  await resumable.create(id, 'first')
  for (const [number, piece] of pieces.entries()) {
    await Promise.all([resumable.save(id, `${number * size}`), resumable.write(id, number * size, [piece])])
    assert.equal(await resumable.load(id), `${number * size}`)
  }
  sameBytes(await contentOf(resumable, id, 16 * size), joined(pieces), 'bytes written beside saves')
}

async function letsGo(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  await resumable.create(id, '')
  const memory = bytesOf(1000)
  await resumable.write(id, 0, [memory])
  memory.fill(0xff)
  sameBytes(await contentOf(resumable, id, 1000), bytesOf(1000), 'memory that the caller used again')
}

async function readsParts(resumable: ResumableStorage): Promise<undefined> {
  const bytes = bytesOf(5000)
  const id = await begun(resumable, bytes)
  for (const [offset, length] of [
    [0, 10],
    [4000, 1000],
    [4990, 500],
    [5000, 10],
    [9000, 10],
    [17, 0],
  ] as const) {
    const part = await resumable.readAt(id, offset, length)
    sameBytes(part, bytes.subarray(offset, offset + length), `${length} bytes at ${offset} of 5000`)
  }
}

async function concatenates(resumable: ResumableStorage): Promise<undefined> {
  const [a, b] = [bytesOf(1_300_000, 1), bytesOf(7, 2)]
  const sources = [
    { id: await begun(resumable, a), size: a.byteLength },
    { id: await begun(resumable, b), size: 5 },
  ]
  const id = newId()
  await resumable.create(id, '')
  await resumable.concat(id, 0, sources.slice(0, 1))
  await resumable.concat(id, a.byteLength, sources)
  await resumable.save(id, 'joined')
  const whole = joined([a, a, b.subarray(0, 5)])
  sameBytes(await contentOf(resumable, id, 9_000_000), whole, 'three sources, the last one cut')
  for (const [index, bytes] of [a, b].entries()) {
    const source = sources[index]?.id as string
    sameBytes(await contentOf(resumable, source, 9_000_000), bytes, 'a source after the concatenation')
    assert.equal(await resumable.load(source), `record of ${bytes.byteLength}`)
  }
}

async function goesOn(resumable: ResumableStorage, { readBack }: StorageHarness): Promise<undefined> {
  const id = await begun(resumable, bytesOf(10, 1))
  await resumable.release(id)
  await resumable.release(id)
  await resumable.release(newId())
  assert.equal(await resumable.load(id), 'record of 10')
  await resumable.write(id, 10, [bytesOf(10, 2)])
  await resumable.release(id)
  await resumable.save(id, 'record of 20')
  await resumable.release(id)
  await resumable.commit([{ id, name: 'a.bin', size: 20 }])
  sameBytes(await readBack('a.bin'), joined([bytesOf(10, 1), bytesOf(10, 2)]), 'bytes of before and after')
}

async function listsRecords(resumable: ResumableStorage): Promise<undefined> {
  assert.deepEqual(await recordsOf(resumable), new Map())
  const expected = new Map<string, string>()
  for (let number = 0; number < 70; number++) {
    const id = newId()
    await resumable.create(id, `${number}`)
    if (number % 2) await resumable.save(id, `${number} saved`)
    expected.set(id, number % 2 ? `${number} saved` : `${number}`)
  }
  const sorted = (map: Map<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  assert.deepEqual(sorted(await recordsOf(resumable)), sorted(expected))
}

async function refusesInWords(resumable: ResumableStorage): Promise<undefined> {
  const id = newId()
  const errors = await Promise.all([
    refused(resumable.write(id, 0, [bytesOf(1)]), 'a write to an unknown upload'),
    refused(resumable.save(id, ''), 'a save of an unknown upload'),
    refused(resumable.readAt(id, 0, 1), 'a read of an unknown upload'),
    refused(resumable.commit([{ id, name: 'a.bin', size: 0 }]), 'a commit of an unknown upload'),
  ])
  for (const error of errors) assert.ok(isUploadError(error), `${String(error)} is not an UploadError`)
}
