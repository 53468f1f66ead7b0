/** Giving a finished temporary its visible name, never over another file. */
import { numberedName } from '../../sansio/filename.ts'
import { errnoOf, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { createFlags, type Folder } from './folder.ts'

/** What `link` answers where hard links do not exist or are not allowed (FAT, some network shares, EMLINK: used up). */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** After so many taken names in a row we look for the end of the row instead of trying each number. */
const patience = 8

/**
 * The names of one folder. Commits that want the same name at the same time draw different numbers, so that 100 of them
 * need 100 tries and not 5,000; what is drawn is forgotten with the last of them.
 */
export class Names {
  readonly #fs: FileSystem
  readonly #folder: Folder
  readonly #mode: number
  readonly #drawn = new Map<string, { next: number; users: number }>()

  constructor(fs: FileSystem, folder: Folder, mode: number) {
    this.#fs = fs
    this.#folder = folder
    this.#mode = mode
  }

  /**
   * Makes the file at `temporary` visible as `wanted`, or as the next free `numberedName(wanted, n)`.
   *
   * @param temporary path of a file that is written, fsynced and closed
   * @param fs makes the calls
   * @returns the name it got
   */
  async take(wanted: string, temporary: string, fs: FileSystem = this.#fs): Promise<string> {
    const draw = this.#drawn.get(wanted) ?? { next: 0, users: 0 }
    this.#drawn.set(wanted, draw)
    draw.users++
    try {
      for (let tries = 1; ; tries++) {
        const number = draw.next++
        const name = nameAt(wanted, number)
        if (await placeNew(fs, temporary, this.#folder.child(name), this.#mode)) return name
        if (tries % patience === 0) draw.next = Math.max(draw.next, await this.#endOfRow(wanted, number))
      }
    } finally {
      if (--draw.users === 0) this.#drawn.delete(wanted)
    }
  }

  /** A free number after `taken`, in few steps: strides that double until a name is free, then halve back. */
  async #endOfRow(wanted: string, taken: number): Promise<number> {
    let low = taken
    let high = taken + 1
    while (await this.#exists(nameAt(wanted, high))) {
      const stride = high - taken
      low = high
      high += stride
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (await this.#exists(nameAt(wanted, middle))) low = middle
      else high = middle
    }
    return high
  }

  #exists(name: string): Promise<boolean> {
    return this.#fs.lstat(this.#folder.child(name)).then(
      () => true,
      error => {
        if (errnoOf(error) === 'ENOENT') return false
        throw error
      },
    )
  }
}

/**
 * Gives a temporary its final name. False when the name is taken, be it by a file, a folder or a planted link.
 *
 * @param mode permissions, for where an empty file must hold the name
 */
export async function placeNew(fs: FileSystem, temporary: string, final: string, mode: number): Promise<boolean> {
  try {
    await fs.link(temporary, final)
    return true
  } catch (error) {
    const errno = errnoOf(error) ?? ''
    if (errno === 'EEXIST') return false
    if (!noHardLinks.has(errno)) throw error
    return reserveAndRename(fs, temporary, final, mode)
  }
}

/** Where there are no hard links: an empty file holds the name until the rename replaces it. */
async function reserveAndRename(fs: FileSystem, temporary: string, final: string, mode: number): Promise<boolean> {
  try {
    await (await fs.open(final, createFlags, mode)).close()
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await fs.rename(temporary, final)
    return true
  } catch (error) {
    await fs.unlink(final).catch(unless('ENOENT'))
    throw error
  }
}

function nameAt(wanted: string, number: number): string {
  return number === 0 ? wanted : numberedName(wanted, number)
}
