import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileLockerOptions, fileLocker } from '../../../../../src/disk.ts'
import { memoryLocker } from '../../../../../src/memory.ts'
import { claimText, isNewer, newTicket, parseClaim } from '../../../../../src/storages/disk/locker/claim.ts'
import { type Owner, ownOwner } from '../../../../../src/storages/disk/owner.ts'
import { tempFolder } from '../../temp-folder.ts'

const id = 'lock-of-an-upload-in-test'

async function folderWith(name: string, owner: Partial<Owner>, ticket = newTicket()): Promise<string> {
  const folder = await tempFolder()
  await writeFile(join(folder, name), claimText({ ticket, owner: { ...(await ownOwner()), ...owner } }))
  return folder
}

async function takesWithin(folder: string, timeoutMs: number): Promise<void> {
  await (await fileLocker(folder, { timeoutMs }).acquire(id, () => {})).release()
}

test('a claim is read as it was written', async () => {
  const claim = { owner: await ownOwner(), ticket: newTicket() }
  expect(parseClaim(claimText(claim))).toEqual(claim)
  for (const text of ['', 'dropgate', claimText(claim).slice(0, -1), '{}']) expect(parseClaim(text)).toBeUndefined()
})

test('of two claims of one boot the later is newer; of two boots none is', async () => {
  const owner = await ownOwner()
  const [early, late] = [newTicket(), newTicket()].map(ticket => ({ owner, ticket }))
  if (!early || !late) throw new Error('two tickets')
  expect([isNewer(late, early), isNewer(early, late), isNewer(early, early)]).toEqual([true, false, false])
  expect(isNewer({ ...late, owner: { ...owner, boot: 'another' } }, early)).toBe(false)
})

test.each([
  ['of a dead process', { pid: '4194305' }],
  ['of another process with its number', { start: '1' }],
  ['of before the reboot', { boot: 'another' }],
] as const)('a lock %s is taken over', async (_, owner) => {
  const folder = await folderWith(`${id}.lock`, owner)
  await takesWithin(folder, 1000)
  expect(await readdir(folder)).toEqual([])
})

test('a dead lock found later is taken over by one of many', async () => {
  const folder = await tempFolder()
  const lockers = Array.from({ length: 8 }, () => fileLocker(folder))
  for (const locker of lockers) await (await locker.acquire('x'.repeat(24), () => {})).release()
  for (let round = 0; round < 10; round++) {
    await writeFile(
      join(folder, `${id}.lock`),
      claimText({ ticket: newTicket(), owner: { ...(await ownOwner()), pid: '4194305' } }),
    )
    let working = 0
    const granted = await Promise.allSettled(
      lockers.map(async locker => {
        const lock = await locker.acquire(id, () => {})
        expect(++working).toBe(1)
        await new Promise(done => setTimeout(done, 2))
        working--
        await lock.release()
      }),
    )
    const failed = granted.filter(one => one.status === 'rejected').map(one => one.reason as { code?: string })
    expect(
      failed.every(({ code }) => code === 'aborted'),
      String(failed[0]),
    ).toBe(true)
    expect(failed.length).toBeLessThan(lockers.length)
  }
  expect(await readdir(folder)).toEqual([])
})

test('a lock cut off by a power failure is taken over', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, `${id}.lock`), '')
  await takesWithin(folder, 1000)
})

test('a dead breaker stops nobody', async () => {
  const ticket = newTicket()
  const folder = await folderWith(`${id}.lock`, { pid: '4194305' }, ticket)
  const breaker = { ticket: newTicket(), owner: { ...(await ownOwner()), pid: '4194305' } }
  await writeFile(join(folder, `${id}.lock.${ticket}.breaking`), claimText(breaker))
  await takesWithin(folder, 1000)
  expect(await readdir(folder)).toEqual([])
})

test('the lock of a living process stays, and so does that of another container', async () => {
  for (const owner of [{}, { space: 'elsewhere', pid: '4194305' }]) {
    const folder = await folderWith(`${id}.lock`, owner, '0')
    await expect(takesWithin(folder, 200)).rejects.toMatchObject({
      code: 'server-busy',
      headers: { 'Retry-After': '2' },
    })
    expect(await readdir(folder)).toEqual([`${id}.lock`])
  }
})

test('the request of a dead process disturbs nobody', async () => {
  const folder = await tempFolder()
  await mkdir(folder, { recursive: true })
  const locker = fileLocker(folder)
  let told = 0
  const lock = await locker.acquire(id, () => told++)
  const owner = { ...(await ownOwner()), pid: '4194305' }
  await writeFile(join(folder, `${id}.request`), claimText({ ticket: newTicket(), owner }))
  await new Promise(done => setTimeout(done, 200))
  expect(told).toBe(0)
  await lock.release()
})

test('a holder whose handler throws is a holder all the same', async () => {
  for (const locker of [memoryLocker(), fileLocker(await tempFolder())]) {
    const lock = await locker.acquire(id, () => {
      throw new Error('of the holder')
    })
    const next = locker.acquire(id, () => {})
    await new Promise(done => setTimeout(done, 100))
    await lock.release()
    await (await next).release()
  }
})

test('options that make no sense are refused', async () => {
  expect(() => fileLocker('')).toThrow('folder')
  for (const timeoutMs of [0, -1, Number.NaN]) {
    const options: FileLockerOptions = { timeoutMs }
    expect(() => fileLocker('x', options)).toThrow('timeoutMs')
    expect(() => memoryLocker(options)).toThrow('timeoutMs')
  }
  await expect(fileLocker(await tempFolder()).acquire('../x', () => {})).rejects.toMatchObject({
    code: 'storage-failed',
  })
})
