/** Helpers for tests: the real one with its thread running, one that says what it took, and some that are made up. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Helper, ThreadHelper, type Written } from '../../../../../src/storages/disk/helper/helper.ts'
import { inlineCalls, linkNow } from '../../../../../src/storages/disk/inline.ts'

/** So many asks are refused before a thread is made. */
export const worthAThread = 64

/** Asks for help until the thread runs. */
export async function warm<T extends Helper>(helper: T): Promise<T> {
  const ask = () => helper.unlink('/no/such/file')
  for (let asked = 0; asked < worthAThread; asked++) ask()
  for (let tries = 0; tries < 1000; tries++) {
    const answer = ask()
    if (answer) {
      await answer
      return helper
    }
    await sleep(5)
  }
  throw new Error('The thread does not start')
}

/** The real one, at work. */
export function running(): Promise<ThreadHelper> {
  return warm(new ThreadHelper())
}

/** Counts what a helper took. */
export interface Counted extends Helper {
  readonly taken: Record<keyof Helper, number>
}

export function counted(helper: Helper): Counted {
  const taken = { write: 0, link: 0, unlink: 0, move: 0 }
  const count = <T>(call: keyof Helper, answer: T | undefined): T | undefined => {
    if (answer !== undefined) taken[call]++
    return answer
  }
  return {
    taken,
    write: (...args) => count('write', helper.write(...args)),
    link: (...args) => count('link', helper.link(...args)),
    unlink: path => count('unlink', helper.unlink(path)),
    move: (...args) => count('move', helper.move(...args)),
  }
}

/**
 * Takes everything, and does one thing after another on this thread.
 * @param turn is waited for before each thing is done
 */
export function oneByOne(turn: () => Promise<unknown>): Helper {
  let last: Promise<unknown> = Promise.resolve()
  const inOrder = <T>(work: () => T): Promise<T> => {
    const done = last.then(turn).then(work)
    last = done
    return done
  }
  const attempt = (work: () => void) => {
    try {
      work()
      return true
    } catch {
      return false
    }
  }
  return {
    write(path, mode, spans) {
      const bytes = new Uint8Array(Buffer.concat(spans))
      return inOrder((): Written => {
        try {
          return { tag: inlineCalls.writeWhole(path, mode, [bytes]) }
        } catch {
          return { unwritten: bytes }
        }
      })
    },
    link: (from, to) => inOrder(() => linkNow(inlineCalls, from, to)),
    unlink: path => inOrder(() => attempt(() => inlineCalls.unlink(path))),
    move: (from, to) => inOrder(() => linkNow(inlineCalls, from, to) && attempt(() => inlineCalls.unlink(from))),
  }
}

/** Takes everything, and answers in the next microtask. */
export const prompt = () => oneByOne(() => Promise.resolve())

/** Takes everything, and is done with the first of it only when the event loop has gone round. */
export const late = () => oneByOne(() => new Promise(resolve => setImmediate(resolve)))

/** Writes nothing: all the bytes come back. */
export function writesNothing(): Helper {
  return {
    ...prompt(),
    write: async (_path, _mode, spans) => ({ unwritten: new Uint8Array(Buffer.concat(spans)) }),
    move: async () => false,
  }
}

/** Writes, but gives no name. */
export function namesNothing(): Helper {
  return { ...prompt(), link: async () => false, move: async () => false }
}

/** Takes so many things, then nothing: as one whose thread died. */
export function diesAfter(most: number): Helper {
  const helper = prompt()
  let rest = most
  const ifAlive = <T>(call: () => T): T | undefined => (rest-- > 0 ? call() : undefined)
  return {
    write: (...args) => ifAlive(() => helper.write(...args)),
    link: (...args) => ifAlive(() => helper.link(...args)),
    unlink: path => ifAlive(() => helper.unlink(path)),
    move: (...args) => ifAlive(() => helper.move(...args)),
  }
}
