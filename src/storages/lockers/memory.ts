import { UploadError } from '../../sansio/errors.ts'
import { OptionError } from '../../sansio/option-error.ts'
import type { Lock, Locker } from '../../upload/ports.ts'

/** Options of {@link memoryLocker}. */
export interface MemoryLockerOptions {
  /** How long to wait for the holder to let go, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
}

interface Waiter {
  readonly onContend: () => void
  readonly grant: (lock: Lock) => void
  readonly refuse: (error: UploadError) => void
}

interface Turn {
  /** Called at the first request of somebody else. */
  onContend: (() => void) | undefined
  /** The newest who asked; whoever asked before has given up. */
  waiter: Waiter | undefined
}

/**
 * Locks within one process; for several processes on one folder there is `fileLocker`.
 *
 * The newest request wins: it makes the holder let go, and whoever waited before it gives up with `aborted`.
 *
 * @throws OptionError when `timeoutMs` is no positive number
 * @example
 * const locker = memoryLocker()
 * const stop = new AbortController()
 * const lock = await locker.acquire(id, () => stop.abort())
 */
export function memoryLocker(options: MemoryLockerOptions = {}): Locker {
  const { timeoutMs = 10_000 } = options
  if (!(timeoutMs > 0)) throw new OptionError('timeoutMs', timeoutMs, 'milliseconds, more than 0')
  const turns = new Map<string, Turn>()

  function lockOf(id: string, turn: Turn): Lock {
    let released = false
    return {
      async release() {
        if (released) return
        released = true
        const next = turn.waiter
        turn.waiter = undefined
        turn.onContend = next?.onContend
        if (next) next.grant(lockOf(id, turn))
        else turns.delete(id)
      },
    }
  }

  return {
    acquire(id, onContend, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(gaveUp(signal))
        const turn = turns.get(id)
        if (!turn) {
          const own = { onContend, waiter: undefined }
          turns.set(id, own)
          return resolve(lockOf(id, own))
        }
        const settle = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          if (turn.waiter === waiter) turn.waiter = undefined
        }
        const waiter: Waiter = {
          onContend,
          grant: lock => {
            settle()
            resolve(lock)
          },
          refuse: error => {
            settle()
            reject(error)
          },
        }
        const abort = () => waiter.refuse(gaveUp(signal))
        const timer = setTimeout(() => waiter.refuse(busy()), timeoutMs)
        signal?.addEventListener('abort', abort)
        turn.waiter?.refuse(new UploadError('aborted', 'The upload was continued from somewhere else.'))
        turn.waiter = waiter
        const tell = turn.onContend
        turn.onContend = undefined
        try {
          tell?.()
        } catch {
          // The holder's own failure; it still has to let go, or time runs out.
        }
      })
    },
  }
}

function busy(): UploadError {
  return new UploadError('server-busy', undefined, { headers: { 'Retry-After': '2' } })
}

function gaveUp(signal: AbortSignal | undefined): UploadError {
  return new UploadError('aborted', undefined, { cause: signal?.reason })
}
