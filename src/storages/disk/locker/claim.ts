/** What a lock file and a request file say: who, and when they asked. */
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { unless } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import type { Owner } from '../owner.ts'

/** One `acquire`, as others see it. */
export interface Claim {
  readonly owner: Owner
  /**
   * Nanoseconds of the machine's monotonic clock, so that the newer of two claims of one boot is known whatever the
   * clock on the wall does, then random bits. Compares as text; unique.
   */
  readonly ticket: string
}

/** A claim in a file. */
export interface FoundClaim {
  /** Undefined when the file says nothing: it was cut off by a power failure. */
  readonly claim: Claim | undefined
  readonly stats: Stats
}

/** A ticket of this moment. */
export function newTicket(): string {
  return `${String(process.hrtime.bigint()).padStart(20, '0')}-${randomBytes(8).toString('hex')}`
}

/** Text of a claim. */
export function claimText({ owner, ticket }: Claim): string {
  return ['dropgate', ticket, owner.pid, owner.start, owner.boot, owner.space, 'end'].join(' ')
}

/** The claim that a text tells. */
export function parseClaim(text: string): Claim | undefined {
  const [mark, ticket, pid, start, boot, space, end] = text.split(' ')
  if (mark !== 'dropgate' || !ticket || !pid || !start || !boot || !space || end !== 'end') return undefined
  return { ticket, owner: { pid, start, boot, space } }
}

/** Whether both are of one time line and `a` asked later than `b`. */
export function isNewer(a: Claim, b: Claim): boolean {
  return a.owner.boot === b.owner.boot && a.ticket > b.ticket
}

/** Reads a claim; undefined when there is no such file. */
export async function readClaim(fs: FileSystem, path: string): Promise<FoundClaim | undefined> {
  const handle = await fs.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(unless('ENOENT'))
  if (!handle) return undefined
  try {
    const stats = await handle.stat()
    return { claim: parseClaim(await handle.readFile('utf8')), stats }
  } finally {
    await handle.close()
  }
}
