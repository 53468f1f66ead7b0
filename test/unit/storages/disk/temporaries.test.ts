import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../src/storages/disk/file-system.ts'
import { isAlive, type Owner, ownOwner } from '../../../../src/storages/disk/owner.ts'
import {
  keepFresh,
  ownerOf,
  strangerPatience,
  sweep,
  temporaryName,
} from '../../../../src/storages/disk/temporaries.ts'
import { tempFolder } from '../temp-folder.ts'

const id = 'AbC-_0123456789012345678'

test('a name tells its owner', async () => {
  const own = await ownOwner()
  expect(ownerOf(temporaryName(id, own))).toEqual(own)
  expect(temporaryName('x'.repeat(64), own).length).toBeLessThan(200)
})

test.each(['', 'a.b.c', 'state.json', `${id}.1.2.3.4.tmp.bak`, `${id}.1.2.3.4.txt`])('%j is no temporary', name => {
  expect(ownerOf(name)).toBeUndefined()
})

test('this process is alive; one of its number but another start is not', async () => {
  const own = await ownOwner()
  expect(await isAlive(own)).toBe(true)
  expect(await isAlive({ ...own, start: `${own.start}1` })).toBe(false)
  expect(await isAlive({ ...own, pid: '4194305', start: '5' })).toBe(false)
})

async function swept(owner: Partial<Owner>, untouchedFor = 0): Promise<boolean> {
  const folder = await tempFolder()
  const own = await ownOwner()
  const path = join(folder, temporaryName(id, { ...own, ...owner }))
  await writeFile(path, 'x')
  const then = (Date.now() - untouchedFor) / 1000
  await utimes(path, then, then)
  await sweep(nodeFileSystem, folder, name => join(folder, name), own, Date.now())
  return (await readdir(folder)).length === 0
}

const long = strangerPatience + 1000

test('the temporary of a living process stays, however old', async () => {
  expect(await swept({}, long)).toBe(false)
})

test('the temporary of a dead process goes at once', async () => {
  expect(await swept({ pid: '4194305' })).toBe(true)
})

test('the temporary of a process before the reboot goes at once, also when its number is in use', async () => {
  expect(await swept({ boot: 'anotherboot' })).toBe(true)
})

test('the temporary of another machine or container goes after 24 hours without a change', async () => {
  expect(await swept({ space: 'elsewhere', boot: 'theirs', pid: '4194305' })).toBe(false)
  expect(await swept({ space: 'elsewhere', boot: 'theirs', pid: '4194305' }, long - 60_000)).toBe(false)
  expect(await swept({ space: 'elsewhere', boot: 'theirs', pid: '4194305' }, long)).toBe(true)
})

test('what is no temporary stays', async () => {
  const folder = await tempFolder()
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'notes.txt'), 'x')
  await sweep(nodeFileSystem, folder, name => join(folder, name), await ownOwner(), Date.now() + long)
  expect((await readdir(folder)).sort()).toEqual(['folder', 'notes.txt'])
})

test('open temporaries are touched, so that other machines see them live', async () => {
  const path = join(await tempFolder(), 'open')
  const handle = await nodeFileSystem.open(path, 'wx')
  await handle.utimes(1, 1)
  const stop = keepFresh(() => [handle], 10)
  await expect.poll(async () => (await handle.stat()).mtimeMs).toBeGreaterThan(Date.now() - 10_000)
  stop()
  await handle.close()
})

test('10,000 dead temporaries are swept within a second or so', async () => {
  const folder = await tempFolder()
  const dead = { ...(await ownOwner()), pid: '4194305' }
  for (let batch = 0; batch < 100; batch++) {
    const names = Array.from({ length: 100 }, (_, at) => temporaryName(`${id}${batch * 100 + at}`, dead))
    await Promise.all(names.map(name => writeFile(join(folder, name), '')))
  }
  const begin = performance.now()
  await sweep(nodeFileSystem, folder, name => join(folder, name), await ownOwner(), Date.now())
  const taken = performance.now() - begin
  expect(await readdir(folder)).toEqual([])
  // Three times the promise: the machine that runs this may be busy with the rest of the tests.
  expect(taken).toBeLessThan(3000)
})
