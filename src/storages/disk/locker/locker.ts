import { type FSWatcher, watch } from 'node:fs'
import { resolve } from 'node:path'
import { OptionError } from '../../../sansio/option-error.ts'
import type { Lock, Locker } from '../../../upload/ports.ts'
import { misuse, storageError } from '../errors.ts'
import { type FileSystem, nodeFileSystem } from '../file-system.ts'
import { ownOwner } from '../owner.ts'
import { Attempt, overtaken, pollInterval } from './attempt.ts'
import { isNewer, newTicket } from './claim.ts'
import { idOf, LockFolder } from './lock-folder.ts'

/** Options of {@link fileLocker}. */
export interface FileLockerOptions {
  /** How long to wait for the holder to let go, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
}

/** How often a holder shows that it lives, for those who cannot look its process up. In milliseconds. */
const signOfLife = 10_000

/**
 * Locks between the processes of one machine, by files in a folder, which is made if it is missing. All of them name the
 * same folder; it needs a file system with hard links.
 *
 * The newest request wins, in whichever process: it makes the holder let go (told at once within a process, within
 * 100 ms from another), and whoever waited before it gives up with `aborted`.
 *
 * The lock of a dead process is taken over at once: a lock file names process, start time, boot and PID namespace.
 * Where the process cannot be looked up (another container, another machine on a network share) its holder counts as
 * dead after 60 s without a sign of life.
 *
 * @param folder resolved against the working directory
 * @throws OptionError when an option makes no sense
 * @example
 * const locker = fileLocker('./var/locks')
 * const stop = new AbortController()
 * const lock = await locker.acquire(id, () => stop.abort())
 */
export function fileLocker(folder: string, options: FileLockerOptions = {}): Locker {
  const { timeoutMs = 10_000 } = options
  if (typeof folder !== 'string' || folder === '') throw new OptionError('folder', folder, 'the path of a folder')
  if (!(timeoutMs > 0)) throw new OptionError('timeoutMs', timeoutMs, 'milliseconds, more than 0')
  return new FileLocker(nodeFileSystem, resolve(folder), timeoutMs)
}

class FileLocker implements Locker {
  readonly #fs: FileSystem
  readonly #path: string
  readonly #timeoutMs: number
  #opened: Promise<LockFolder> | undefined
  /** Those of this process who wait or hold, by id. */
  readonly #attempts = new Map<string, Set<Attempt>>()
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #lastSign = 0

  constructor(fs: FileSystem, path: string, timeoutMs: number) {
    this.#fs = fs
    this.#path = path
    this.#timeoutMs = timeoutMs
  }

  async acquire(id: string, onContend: () => void, signal?: AbortSignal): Promise<Lock> {
    if (!/^[A-Za-z0-9_-]{22,64}$/.test(id)) throw misuse('the id is not one')
    const ticket = newTicket()
    try {
      const folder = await this.#folder()
      const attempt = new Attempt(id, { ticket, owner: await ownOwner() }, onContend, this.#timeoutMs, signal)
      this.#enter(attempt)
      try {
        await this.#take(folder, attempt)
      } catch (error) {
        this.#leave(attempt)
        throw error
      }
      return { release: () => this.#release(folder, attempt) }
    } catch (error) {
      throw storageError(error)
    }
  }

  #folder(): Promise<LockFolder> {
    const open = async () => {
      await this.#fs.mkdir(this.#path, { recursive: true, mode: 0o700 })
      const owner = await ownOwner()
      const folder = new LockFolder(this.#fs, this.#path, owner)
      await folder.sweep({ owner, ticket: newTicket() })
      return folder
    }
    this.#opened ??= open().catch(error => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  /** Waits for the lock file to be ours. */
  async #take(folder: LockFolder, attempt: Attempt): Promise<void> {
    const { id, claim } = attempt
    const lock = folder.lockPath(id)
    const written = await folder.writeDown(id, claim)
    let requested = false
    try {
      for (;;) {
        attempt.assertWanted()
        const request = await folder.readLiving(folder.requestPath(id))
        if (request && isNewer(request, claim)) throw overtaken()
        if (await folder.place(written, lock)) break
        const found = await folder.read(lock)
        if (!found) continue
        if (await folder.isDead(lock, found)) {
          if (await folder.removeDead(lock, found, written)) continue
        } else if (found.claim && isNewer(found.claim, claim)) throw overtaken()
        else if (request?.ticket !== claim.ticket) {
          requested = true
          await folder.request(id, claim)
        }
        await attempt.pause()
      }
      attempt.assertWanted()
      attempt.state = 'holding'
    } catch (error) {
      await folder.removeOwn(lock, claim)
      throw error
    } finally {
      if (requested) await folder.removeOwn(folder.requestPath(id), claim)
      await folder.remove(written)
    }
  }

  async #release(folder: LockFolder, attempt: Attempt): Promise<void> {
    if (attempt.state === 'over') return
    attempt.state = 'over'
    try {
      await folder.removeOwn(folder.lockPath(attempt.id), attempt.claim)
    } catch (error) {
      throw storageError(error)
    } finally {
      this.#leave(attempt)
    }
  }

  /** The newest of this process: the others need not look at files to know. */
  #enter(attempt: Attempt): void {
    const others = this.#attempts.get(attempt.id) ?? new Set()
    this.#attempts.set(attempt.id, others)
    for (const other of others) {
      if (isNewer(attempt.claim, other.claim)) other.overtake()
      else attempt.overtake()
    }
    others.add(attempt)
    this.#timer ??= setInterval(() => this.#lookRound(), pollInterval).unref()
    this.#watcher ??= this.#watch()
  }

  #leave(attempt: Attempt): void {
    const others = this.#attempts.get(attempt.id)
    others?.delete(attempt)
    for (const other of others ?? []) other.wake()
    if (others?.size === 0) this.#attempts.delete(attempt.id)
    if (this.#attempts.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#watcher?.close()
    this.#watcher = undefined
  }

  /** Tells sooner what the timer would find out; there may be no more watchers to be had. */
  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#path, { persistent: false }, (_event, name) => {
        const id = name && idOf(name)
        if (!id || !this.#attempts.has(id)) return
        for (const attempt of this.#attempts.get(id) ?? []) attempt.wake()
        if (name.endsWith('.request')) void this.#look([id])
      })
      return watcher.on('error', () => watcher.close())
    } catch {
      return undefined
    }
  }

  /** Looks at all requests; the listing costs the same for one lock and for a thousand. */
  async #lookRound(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const names = await this.#fs.readdir(this.#path).catch(() => [])
    await this.#look(names.filter(name => name.endsWith('.request')).map(idOf))
    if (performance.now() - this.#lastSign > signOfLife) {
      this.#lastSign = performance.now()
      await this.#showLife()
    }
    this.#looking = false
  }

  async #look(ids: readonly string[]): Promise<void> {
    const folder = await this.#folder()
    for (const id of ids) {
      const attempts = this.#attempts.get(id)
      // A failure to read is told by the next round, if it lasts by the time that runs out.
      const request = attempts && (await folder.readLiving(folder.requestPath(id)).catch(() => undefined))
      for (const attempt of attempts ?? []) if (request && isNewer(request, attempt.claim)) attempt.overtake()
    }
  }

  /** For those who cannot look our process up; and whoever was taken for dead learns it here. */
  async #showLife(): Promise<void> {
    const folder = await this.#folder()
    const holding = [...this.#attempts.values()].flatMap(set => [...set]).filter(({ state }) => state === 'holding')
    for (const attempt of holding) {
      const path = folder.lockPath(attempt.id)
      const found = await folder.read(path).catch(() => undefined)
      if (found?.claim?.ticket === attempt.claim.ticket) await folder.touch(path).catch(() => {})
      else attempt.overtake()
    }
  }
}
