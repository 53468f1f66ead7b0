import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import { ThreadHelper, type Written } from '../../../../../src/storages/disk/helper/helper.ts'
import { maxJobBytes, places } from '../../../../../src/storages/disk/helper/queue.ts'
import { tagOf } from '../../../../../src/storages/disk/read.ts'
import { tempFolder } from '../../temp-folder.ts'
import { few, stuck, taken, write } from './asking.ts'
import { running, warm, worthAThread } from './tools.ts'
import { endThreads, threads } from './watch.ts'

vi.mock('node:worker_threads', async original => (await import('./watch.ts')).watched(original))

afterEach(endThreads)

test('the thread is made when help was asked for often enough, and once', async () => {
  const helper = new ThreadHelper()
  const folder = await tempFolder()
  for (let asked = 1; asked < worthAThread; asked++) expect(write(helper, join(folder, 'a'), few)).toBeUndefined()
  expect(threads.made).toHaveLength(0)
  expect(helper.link(join(folder, 'a'), join(folder, 'b'))).toBeUndefined()
  expect(threads.made).toHaveLength(1)
  // It starts, and nobody waits for that.
  expect(helper.move(join(folder, 'a'), join(folder, 'b'))).toBeUndefined()
  await warm(helper)
  expect(threads.made).toHaveLength(1)
  expect(await readdir(folder)).toEqual([])
})

test('it writes, links and unlinks', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const [from, to] = [join(folder, 'from'), join(folder, 'Größe 語.txt')]
  const written = await helper.write(from, 0o640, [few, new Uint8Array(), Uint8Array.of(4)], 4)
  expect([...(await readFile(from))]).toEqual([1, 2, 3, 4])
  expect((await stat(from)).mode & 0o777).toBe(0o640)
  expect(written).toEqual({ tag: await tagOf(nodeFileSystem, from) })
  expect(await helper.link(from, to)).toBe(true)
  expect((await readdir(folder)).sort()).toEqual(['Größe 語.txt', 'from'])
  expect(await helper.unlink(from)).toBe(true)
  expect(await readdir(folder)).toEqual(['Größe 語.txt'])
  expect([...(await readFile(to))]).toEqual([1, 2, 3, 4])
})

test('it moves', async () => {
  const folder = await tempFolder()
  const helper = await running()
  await writeFile(join(folder, 'from'), few)
  expect(await helper.move(join(folder, 'from'), join(folder, 'to'))).toBe(true)
  expect(await readdir(folder)).toEqual(['to'])
  expect([...(await readFile(join(folder, 'to')))]).toEqual([...few])
})

test.each([0, 1, maxJobBytes - 1, maxJobBytes])('it writes a file of %d bytes', async size => {
  const folder = await tempFolder()
  const helper = await running()
  const bytes = Uint8Array.from({ length: size }, (_, at) => at % 251)
  expect(await write(helper, join(folder, 'a'), bytes)).toHaveProperty('tag')
  expect(new Uint8Array(await readFile(join(folder, 'a')))).toEqual(bytes)
})

test('it does not take a file that is larger than its places', async () => {
  const helper = await running()
  const folder = await tempFolder()
  expect(write(helper, join(folder, 'a'), new Uint8Array(maxJobBytes), Uint8Array.of(1))).toBeUndefined()
  expect(await write(helper, join(folder, 'b'), few)).toHaveProperty('tag')
  expect(await readdir(folder)).toEqual(['b'])
})

test('it does not take a path that may be too long', async () => {
  const helper = await running()
  const long = `/${'x'.repeat(700)}`
  expect(write(helper, long, few)).toBeUndefined()
  expect(helper.link('/a', long)).toBeUndefined()
  expect(helper.move(long, '/a')).toBeUndefined()
  expect(helper.unlink(long)).toBeUndefined()
})

test('a name that is taken stays with the file that has it', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  await writeFile(from, few)
  await writeFile(to, 'before')
  expect(await helper.link(from, to)).toBe(false)
  expect(await helper.move(from, to)).toBe(false)
  expect(await readFile(to, 'utf8')).toBe('before')
  expect([...(await readFile(from))]).toEqual([...few])
})

test('a file that is there is not written over: the bytes come back', async () => {
  const folder = await tempFolder()
  const helper = await running()
  await writeFile(join(folder, 'a'), 'before')
  expect(await write(helper, join(folder, 'a'), few)).toEqual({ unwritten: few })
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('before')
})

test('what cannot be written comes back as it was when it was given', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const bytes = Uint8Array.from({ length: maxJobBytes }, (_, at) => at % 251)
  const span = Uint8Array.from(bytes)
  const writing = write(helper, join(folder, 'missing', 'a'), span.subarray(0, 100), span.subarray(100))
  span.fill(0)
  const back = await writing
  // Its place is used again, many times over, and what came back is nobody else's.
  for (let count = 0; count < 2 * places; count++) await write(helper, join(folder, 'missing', 'b'), span)
  expect(back).toEqual({ unwritten: bytes })
  expect(await readdir(folder)).toEqual([])
})

test('what is not there cannot be named or deleted, and that is no failure of anything else', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const [none, other] = [join(folder, 'none'), join(folder, 'other')]
  const answers = [helper.link(none, other), helper.move(none, other), helper.unlink(none), write(helper, other, few)]
  expect(await Promise.all(answers)).toEqual([false, false, false, { tag: expect.any(String) }])
  expect(await readdir(folder)).toEqual(['other'])
})

test('things are done in the order in which they were asked for', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const [a, b, c] = ['a', 'b', 'c'].map(name => join(folder, name)) as [string, string, string]
  for (let round = 0; round < 50; round++) {
    const bytes = Uint8Array.of(round)
    const answered: number[] = []
    // Each of them can only be done after the one before.
    const asked = [
      write(helper, a, bytes),
      helper.move(a, b),
      write(helper, a, few),
      helper.link(b, c),
      helper.unlink(b),
      helper.move(a, b),
      helper.unlink(b),
    ].map(async (answer, index) => {
      const result = await answer
      answered.push(index)
      return typeof result === 'object' ? 'tag' in result : result
    })
    expect(await Promise.all(asked)).toEqual(new Array(asked.length).fill(true))
    expect(answered).toEqual(asked.map((_, index) => index))
    expect(await readdir(folder)).toEqual(['c'])
    expect([...(await readFile(c))]).toEqual([round])
    expect(await helper.unlink(c)).toBe(true)
  }
})

test('of a thousand files, more than it can take at once, each is written once, with its own bytes', async () => {
  const folder = await tempFolder()
  const helper = await running()
  const bytesOf = (index: number) => new Uint8Array(index % 300).fill(index)
  const writing: Promise<Written>[] = []
  let refused = 0
  while (writing.length < 1000) {
    const index = writing.length
    const written = write(helper, join(folder, `${index}`), bytesOf(index))
    if (written) writing.push(written)
    else await new Promise(resolve => setImmediate(resolve, refused++))
  }
  const all = await Promise.all(writing)
  expect(await readdir(folder)).toHaveLength(all.length)
  for (const [index, result] of all.entries()) {
    expect(result).toEqual({ tag: await tagOf(nodeFileSystem, join(folder, `${index}`)) })
    expect(new Uint8Array(await readFile(join(folder, `${index}`)))).toEqual(bytesOf(index))
  }
  expect(refused).toBeGreaterThan(0)
})

test('a thread that fell asleep wakes up for the next job', async () => {
  const folder = await tempFolder()
  const helper = await running()
  for (let index = 0; index < 5; index++) {
    await sleep(30)
    expect(await write(helper, join(folder, `${index}`), few)).toHaveProperty('tag')
  }
})

test('it takes eight things to do; names for what it has written while the ring has room', async () => {
  const helper = await stuck()
  expect(taken(() => write(helper, '/no/such/file', few))).toBe(8)
  expect(helper.link('/no/such/file', '/no/other')).toBeUndefined()
  expect(helper.unlink('/no/such/file')).toBeUndefined()
  expect(taken(() => helper.move('/no/such/file', '/no/other'))).toBe(places - 8)
})
