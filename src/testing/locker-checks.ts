/** The promises of the `Locker` port. Each is independent of the others, so that one fault breaks one check. */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { isUploadError } from '../sansio/errors.ts'
import type { Lock } from '../upload/ports.ts'
import type { LockerHarness } from './locker-harness.ts'
import { called, isOpen, nothing, soon } from './locker-tools.ts'
import { newId, refused } from './storage-tools.ts'

type Check = (harness: LockerHarness, timeoutMs: number) => Promise<'skipped' | undefined>

/** Long enough never to matter, in milliseconds. */
const long = 5000
const short = 300

/** With the time after which the locker is to give up. */
export const lockerChecks: ReadonlyArray<readonly [name: string, timeoutMs: number, check: Check]> = [
  ['grants a free lock', long, grantsFree],
  ['locks each upload for itself', long, keepsApart],
  ['grants to one at a time', long, grantsToOne],
  ['grants again after a release', long, grantsAgain],
  ['takes a second release for nothing', long, releasesTwice],
  ['tells the holder at once, and once', long, tellsHolder],
  ['tells nobody who has let go', long, leavesAlone],
  ['tells the next holder too', long, tellsNext],
  ['gives the lock to the newest who waits', long, newestWins],
  ['refuses with server-busy when the holder does not let go', short, timesOut],
  ['gives up when the signal says so', long, obeysSignal],
  ['keeps order among many', long, keepsOrder],
  ['locks between two lockers of one place', long, locksBetween],
]

async function grantsFree({ locker }: LockerHarness): Promise<undefined> {
  const lock = await soon(locker.acquire(newId(), nothing), 'a free lock')
  await lock.release()
}

async function keepsApart({ locker }: LockerHarness): Promise<undefined> {
  const holder = called()
  const locks = [await soon(locker.acquire(newId(), holder.tell), 'a free lock')]
  for (let number = 0; number < 5; number++) {
    locks.push(await soon(locker.acquire(newId(), nothing), 'the lock of another upload'))
  }
  assert.equal(holder.times, 0, 'the holder was told of another upload')
  for (const lock of locks) await lock.release()
}

async function grantsToOne({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const first = await soon(locker.acquire(id, nothing), 'a free lock')
  const second = locker.acquire(id, nothing)
  assert.ok(await isOpen(second), 'a second lock while the first is held')
  await first.release()
  await (await soon(second, 'the lock after the release')).release()
}

async function grantsAgain({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  for (let round = 0; round < 5; round++) {
    const holder = called()
    const lock = await soon(locker.acquire(id, holder.tell), 'the lock after a release')
    assert.equal(holder.times, 0, 'the holder was told though nobody asked')
    await lock.release()
  }
}

async function releasesTwice({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const first = await soon(locker.acquire(id, nothing), 'a free lock')
  await Promise.all([first.release(), first.release()])
  const second = await soon(locker.acquire(id, nothing), 'the lock after the release')
  await first.release()
  const third = locker.acquire(id, nothing)
  assert.ok(await isOpen(third), 'a lock that was freed by the release of another')
  await second.release()
  await (await soon(third, 'the lock after the release')).release()
}

async function tellsHolder({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const holder = called()
  const lock = await soon(locker.acquire(id, holder.tell), 'a free lock')
  void locker.acquire(id, nothing)
  await soon(holder.told, 'telling the holder')
  const third = locker.acquire(id, nothing)
  await isOpen(third)
  assert.equal(holder.times, 1, 'how often the holder was told')
  const ended = third.then(granted => granted.release())
  ended.catch(nothing)
  await lock.release()
  await isOpen(ended)
}

async function leavesAlone({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const holder = called()
  const first = await soon(locker.acquire(id, holder.tell), 'a free lock')
  await first.release()
  const second = await soon(locker.acquire(id, nothing), 'the lock after the release')
  const third = locker.acquire(id, nothing)
  await isOpen(third)
  assert.equal(holder.times, 0, 'somebody was told who had let go')
  await second.release()
  await (await soon(third, 'the lock after the release')).release()
}

async function tellsNext({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const first = await soon(locker.acquire(id, nothing), 'a free lock')
  const holder = called()
  const waiting = locker.acquire(id, holder.tell)
  await isOpen(waiting)
  await first.release()
  const second = await soon(waiting, 'the lock after the release')
  assert.equal(holder.times, 0, 'the next holder was told before anybody asked')
  const third = locker.acquire(id, nothing)
  await soon(holder.told, 'telling the next holder')
  await second.release()
  await (await soon(third, 'the lock after the release')).release()
}

async function newestWins({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const first = await soon(locker.acquire(id, nothing), 'a free lock')
  const older = [locker.acquire(id, nothing), locker.acquire(id, nothing)]
  const newest = locker.acquire(id, nothing)
  for (const one of older) {
    const error = await soon(refused(one, 'an older request'), 'giving up')
    assert.ok(isUploadError(error) && error.code === 'aborted', `${String(error)} is not "aborted"`)
    assert.equal(error.message, 'The upload was continued from somewhere else.')
  }
  assert.ok(await isOpen(newest), 'a second lock while the first is held')
  await first.release()
  await (await soon(newest, 'the lock of the newest')).release()
}

async function timesOut({ locker }: LockerHarness, timeoutMs: number): Promise<undefined> {
  const id = newId()
  const holder = await soon(locker.acquire(id, nothing), 'a free lock')
  const begin = performance.now()
  const error = await soon(refused(locker.acquire(id, nothing), 'a lock that is held'), 'running out of time')
  assert.ok(performance.now() - begin > timeoutMs - 50, 'gave up too early')
  assert.ok(isUploadError(error) && error.code === 'server-busy', `${String(error)} is not "server-busy"`)
  await holder.release()
  await (await soon(locker.acquire(id, nothing), 'the lock after somebody gave up')).release()
}

async function obeysSignal({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  const first = await soon(locker.acquire(id, nothing), 'a free lock')
  const stop = new AbortController()
  const waiting = locker.acquire(id, nothing, stop.signal)
  await isOpen(waiting)
  stop.abort()
  const error = await soon(refused(waiting, 'a request that was called off'), 'giving up')
  assert.ok(isUploadError(error), `${String(error)} is not an UploadError`)
  await soon(refused(locker.acquire(id, nothing, stop.signal), 'a request called off before'), 'giving up')
  await first.release()
  await (await soon(locker.acquire(id, nothing), 'the lock after somebody gave up')).release()
}

/** Holders who let go when told, as the engine's do: never two at work, and the last who came has it in the end. */
async function keepsOrder({ locker }: LockerHarness): Promise<undefined> {
  const id = newId()
  let working = 0
  let last = -1
  const worker = async (number: number) => {
    const stop = called()
    let lock: Lock
    try {
      lock = await locker.acquire(id, stop.tell)
    } catch (error) {
      assert.ok(isUploadError(error) && error.code === 'aborted', `${String(error)} is not "aborted"`)
      return
    }
    assert.equal(++working, 1, 'how many work on one upload')
    last = number
    await Promise.race([stop.told, wait(20)])
    working--
    await lock.release()
  }
  const all: Promise<void>[] = []
  for (let number = 0; number < 30; number++) {
    const one = worker(number)
    one.catch(nothing)
    all.push(one)
    if (number % 3 === 0) await wait(5)
  }
  await Promise.all(all)
  assert.equal(last, 29, 'who had the lock at last')
}

async function locksBetween({ locker, other }: LockerHarness): Promise<'skipped' | undefined> {
  if (!other) return 'skipped'
  const id = newId()
  const holder = called()
  const first = await soon(locker.acquire(id, holder.tell), 'a free lock')
  const older = other.acquire(id, nothing)
  await soon(holder.told, 'telling the holder of another locker')
  assert.ok(await isOpen(older), 'a second lock while the first is held')
  const newest = locker.acquire(id, nothing)
  const error = await soon(refused(older, 'an older request'), 'giving up for another locker')
  assert.ok(isUploadError(error) && error.code === 'aborted', `${String(error)} is not "aborted"`)
  await first.release()
  const second = await soon(newest, 'the lock after the release')
  const third = other.acquire(id, nothing)
  assert.ok(await isOpen(third), 'a second lock while the first is held')
  await second.release()
  await (await soon(third, 'the lock after the release of another locker')).release()
}
