/** The files of a folder of locks, and what may be done to them by whom. */
import { constants } from 'node:fs'
import { basename, join } from 'node:path'
import { errnoOf, unless } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import { createFlags } from '../folder.ts'
import { isAlive, type Owner } from '../owner.ts'
import { eachOf, sweep, temporaryName } from '../temporaries.ts'
import { type Claim, claimText, type FoundClaim, readClaim } from './claim.ts'

/** After so many milliseconds without a sign of life, a holder in another container or on another machine is dead. */
const strangerPatience = 60_000

/**
 * `<id>.lock` says who holds, `<id>.request` who wants to, `<file>.<ticket>.breaking` who removes the dead claim
 * of that ticket from that file. All are written elsewhere first and then linked or renamed, so none is ever seen half-written.
 */
export class LockFolder {
  readonly path: string
  readonly #fs: FileSystem
  readonly #own: Owner
  /** When a stranger's file was last seen to change: by our monotonic clock, because theirs may be set otherwise. */
  readonly #strangers = new Map<string, { readonly stamp: string; readonly since: number }>()

  constructor(fs: FileSystem, path: string, own: Owner) {
    this.#fs = fs
    this.path = path
    this.#own = own
  }

  lockPath(id: string): string {
    return join(this.path, `${id}.lock`)
  }

  requestPath(id: string): string {
    return join(this.path, `${id}.request`)
  }

  /** Writes a claim down where nobody looks; to be linked from there. */
  async writeDown(id: string, claim: Claim): Promise<string> {
    const path = join(this.path, temporaryName(`${id}-${claim.ticket}`, this.#own))
    const handle = await this.#fs.open(path, createFlags, 0o600)
    try {
      await handle.writeFile(claimText(claim))
    } finally {
      await handle.close()
    }
    return path
  }

  /** False when the name is taken. */
  async place(written: string, path: string): Promise<boolean> {
    try {
      await this.#fs.link(written, path)
      return true
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    }
  }

  /** Makes the claim the request, whatever stood there. */
  async request(id: string, claim: Claim): Promise<void> {
    const written = await this.writeDown(`${id}-request`, claim)
    await this.#fs.rename(written, this.requestPath(id))
  }

  read(path: string): Promise<FoundClaim | undefined> {
    return readClaim(this.#fs, path)
  }

  /** The claim in a file, if there is one and its owner lives. */
  async readLiving(path: string): Promise<Claim | undefined> {
    const found = await this.read(path)
    return found && !(await this.isDead(path, found)) ? found.claim : undefined
  }

  /** Removes the file if it holds this claim. */
  async removeOwn(path: string, claim: Claim): Promise<void> {
    const found = await this.read(path)
    if (found?.claim?.ticket === claim.ticket) await this.remove(path)
  }

  async remove(path: string): Promise<void> {
    await this.#fs.unlink(path).catch(unless('ENOENT'))
  }

  /** Shows strangers that the holder lives. */
  async touch(path: string): Promise<void> {
    const handle = await this.#fs.open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0))
    try {
      const now = new Date()
      await handle.utimes(now, now)
    } finally {
      await handle.close()
    }
  }

  /** Whether the owner is known to be dead. */
  async isDead(path: string, { claim, stats }: FoundClaim): Promise<boolean> {
    // Nobody ever sees a file half-written, so one that says nothing is from before a power failure.
    if (!claim) return true
    const { owner } = claim
    if (owner.space === this.#own.space) return owner.boot !== this.#own.boot || !(await isAlive(owner))
    const stamp = `${claim.ticket} ${stats.mtimeMs}`
    const seen = this.#strangers.get(path)
    if (seen?.stamp === stamp) return performance.now() - seen.since > strangerPatience
    if (this.#strangers.size > 10_000) this.#strangers.clear()
    this.#strangers.set(path, { stamp, since: performance.now() })
    return false
  }

  /**
   * Removes a file whose owner is dead, and nothing else: only who holds the mark of its ticket may, and asks once more
   * what stands there. So of many who find a dead lock at once none removes the new lock of another.
   *
   * @param written path of our own claim
   * @returns false when somebody else is about to do it
   */
  async removeDead(path: string, dead: FoundClaim, written: string): Promise<boolean> {
    const mark = join(this.path, `${basename(path)}.${ticketOf(dead)}.breaking`)
    if (!(await this.place(written, mark))) {
      const other = await this.read(mark)
      if (other && (await this.isDead(mark, other))) await this.removeDead(mark, other, written)
      return false
    }
    try {
      const now = await this.read(path)
      if (now && ticketOf(now) === ticketOf(dead)) await this.remove(path)
      this.#strangers.delete(path)
      return true
    } finally {
      await this.remove(mark)
    }
  }

  /** Removes what dead processes left. */
  async sweep(claim: Claim): Promise<void> {
    await sweep(this.#fs, this.path, name => join(this.path, name), this.#own, Date.now())
    const names = await this.#fs.readdir(this.path)
    const leftovers = names.filter(name => /\.(lock|request|breaking)$/.test(name))
    if (leftovers.length === 0) return
    const written = await this.writeDown('sweep', claim)
    try {
      await eachOf(leftovers, async name => {
        const path = join(this.path, name)
        const found = await this.read(path)
        if (found && (await this.isDead(path, found))) await this.removeDead(path, found, written)
      })
    } finally {
      await this.remove(written)
    }
  }
}

/** The id that the name of any file of the folder begins with. */
export function idOf(name: string): string {
  return name.split('.', 1)[0] as string
}

function ticketOf({ claim, stats }: FoundClaim): string {
  return claim?.ticket ?? `inode-${stats.ino}`
}
