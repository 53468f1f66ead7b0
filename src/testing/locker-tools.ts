/** Small tools of the checks of lockers: time, and who was told. */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'

/** How long anything may take that happens "at once", in milliseconds: a busy machine is not a broken locker. */
const atOnce = 1500

/** What the holder does when told, where that does not matter. */
export const nothing = () => {}

/** Fails when it takes longer than anything should. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = new AbortController()
  const limit = wait(atOnce, undefined, { signal: late.signal, ref: true }).then(
    () => assert.fail(`${what} took longer than ${atOnce} ms`),
    () => assert.fail('not reached'),
  )
  limit.catch(nothing)
  try {
    return await Promise.race([promise, limit])
  } finally {
    late.abort()
  }
}

/** Whether a promise is still open after a while. */
export async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  )
  return Promise.race([settled, wait(150, true)])
}

/** A function and a promise of its first call. */
export function called(): { tell: () => void; told: Promise<void>; readonly times: number } {
  let times = 0
  let resolve: () => void = nothing
  const told = new Promise<void>(done => {
    resolve = done
  })
  const tell = () => {
    times++
    resolve()
  }
  return {
    tell,
    told,
    get times() {
      return times
    },
  }
}
