/** What was acknowledged of each upload. */
import { expect } from 'vitest'
import { contiguousPrefix } from '../../src/sansio/resumable/ranges.ts'
import { presentRanges, type ResumableRecord } from '../../src/upload/resumable-record.ts'
import { content, expiryMs, type Step } from './steps.ts'
import type { World } from './world.ts'

export class Kept {
  readonly #world: World
  /** Bytes by the id of their upload. */
  readonly #bytes = new Map<string, Set<number>>()
  /** How many uploads there may have been so far: an id may come again after its upload was forgotten. */
  lives = 1

  constructor(world: World) {
    this.#world = world
  }

  /** The bytes from `start` up to `end` were acknowledged. */
  add(id: string, start: number, end: number): void {
    const bytes = this.#bytes.get(id) ?? new Set()
    this.#bytes.set(id, bytes)
    for (let at = start; at < end; at++) bytes.add(at)
  }

  /** After every round: what was acknowledged is still there, unless the upload was deleted or has expired. */
  async check(round: readonly Step[]): Promise<void> {
    const records = await this.#world.records()
    for (const [id, bytes] of this.#bytes) {
      const record = records.get(id)
      if ([...bytes].every(at => record && has(record, at))) continue
      expect(this.#mayBeForgotten(round), `acknowledged bytes of ${id} are lost`).toBe(true)
      this.#bytes.delete(id)
      this.lives++
    }
    for (const [id, record] of records) {
      for (let at = 0; at < content.length; at++) if (has(record, at)) this.add(id, at, at + 1)
      if (record.state === 'open') expect(record.offset).toBe(contiguousPrefix(presentRanges(record)))
    }
  }

  /** Deleted, or time passed now, or it was at rest so long that the sweep behind this round's answers has found it. */
  #mayBeForgotten(round: readonly Step[]): boolean {
    const isSoon = round.some(({ kind }) => kind === 'wait' || kind === 'delete')
    return isSoon || this.#world.time.now - this.#world.began >= expiryMs
  }
}

function has(record: ResumableRecord, at: number): boolean {
  return record.state === 'complete' || presentRanges(record).some(([start, end]) => at >= start && at < end)
}
