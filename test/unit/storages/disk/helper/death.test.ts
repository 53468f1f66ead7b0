import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { ThreadHelper, type Written } from '../../../../../src/storages/disk/helper/helper.ts'
import { maxJobBytes } from '../../../../../src/storages/disk/helper/queue.ts'
import { tempFolder } from '../../temp-folder.ts'
import { few, stuck, taken, write } from './asking.ts'
import { running, worthAThread } from './tools.ts'
import { endThreads, threads } from './watch.ts'

vi.mock('node:worker_threads', async original => (await import('./watch.ts')).watched(original))

afterEach(endThreads)

test('when the thread dies what it had before it comes back, and it is asked nothing more', async () => {
  const helper = await stuck()
  const big = new Uint8Array(maxJobBytes).fill(5)
  const pending = [
    write(helper, '/no/such/file', few),
    helper.link('/no/such/file', '/no/other'),
    helper.unlink('/no/such/file'),
    write(helper, '/no/such/file', big),
    helper.move('/no/such/file', '/no/other'),
  ]
  expect(pending).not.toContain(undefined)
  await threads.made[0]?.terminate()
  expect(await Promise.all(pending)).toEqual([{ unwritten: few }, false, false, { unwritten: big }, false])
  expect(taken(() => write(helper, '/no/such/file', few))).toBe(0)
  for (let asked = 0; asked < 2 * worthAThread; asked++) {
    expect(helper.link('/no/such/file', '/no/other')).toBeUndefined()
    expect(helper.unlink('/no/such/file')).toBeUndefined()
    expect(helper.move('/no/such/file', '/no/other')).toBeUndefined()
  }
  expect(threads.made, 'no other is made').toHaveLength(1)
})

test('when the thread dies at work each file is whole, or its bytes come back', async () => {
  for (let round = 0; round < 10; round++) {
    const folder = await tempFolder()
    const helper = await running()
    const bytes = new Uint8Array(maxJobBytes).fill(round + 1)
    const writing = Array.from({ length: 8 }, (_, index) => write(helper, join(folder, `${index}`), bytes))
    const dying = threads.made.at(-1)?.terminate()
    const written = await Promise.all(writing)
    await dying
    for (const [index, result] of written.entries()) {
      const bytesNow = 'unwritten' in (result as Written) ? undefined : await readFile(join(folder, `${index}`))
      if (bytesNow) expect(Buffer.compare(bytesNow, bytes)).toBe(0)
      else expect(result).toEqual({ unwritten: bytes })
    }
    expect(helper.unlink('/no/such/file')).toBeUndefined()
  }
})

test.each([
  ['is not there, as in a bundle', 'file:///no/such/thread.js'],
  ['fails', 'data:text/javascript,throw new Error("as it likes")'],
])('a program of the thread that %s leaves everything to the event loop', async (_, program) => {
  threads.program = program
  const helper = new ThreadHelper()
  const early: Promise<Written>[] = []
  const ask = () => {
    const writing = write(helper, '/no/such/file', few)
    if (writing) early.push(writing)
    return writing
  }
  for (let asked = 0; asked < worthAThread; asked++) ask()
  const ended = new Promise(resolve => threads.made[0]?.once('exit', resolve))
  // It may look alive for a moment.
  threads.made[0]?.once('online', ask)
  await ended
  expect(ask()).toBeUndefined()
  for (const written of await Promise.all(early)) expect(written).toEqual({ unwritten: few })
})

test('where no thread can be made everything is left to the event loop', async () => {
  threads.program = 'http://localhost/not-a-program'
  const helper = new ThreadHelper()
  for (let asked = 0; asked < 2 * worthAThread; asked++) expect(helper.unlink('/no/such/file')).toBeUndefined()
  expect(threads.made).toHaveLength(0)
})
