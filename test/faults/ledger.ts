/** What was sent and what was promised, and the comparison of both with what is on the disk. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { contentOf } from './senders.ts'

/** An upload over several requests. */
export interface Resumable {
  readonly protocol: 'tus' | 'ietf'
  readonly name: string
  readonly size: number
  /** Its URL. */
  readonly path: string
  /** The highest offset that a 2xx spoke of. */
  acknowledged: number
}

/** A file in Dropzone's chunks. */
export interface Chunked {
  readonly name: string
  readonly size: number
  readonly chunkSize: number
  readonly uuid: string
  /** Chunks that no 2xx spoke of. */
  readonly missing: Set<number>
}

/** Names are used once, so a name tells which bytes belong to it. */
export class Ledger {
  /** Everything that was ever sent under a name. */
  readonly contents = new Map<string, Buffer>()
  /** Names of files whose upload was answered with success. */
  readonly acknowledged = new Set<string>()
  /** Names that came in one request. */
  readonly lists: (readonly string[])[] = []
  /** Uploads that were begun and not finished. */
  readonly resumables = new Set<Resumable>()
  readonly chunked = new Set<Chunked>()

  expect(name: string, size: number): Buffer {
    const bytes = contentOf(name, size)
    this.contents.set(name, bytes)
    return bytes
  }

  /** @returns what is wrong with the folder, as sentences */
  async judge(folder: string): Promise<string[]> {
    const wrong: string[] = []
    const visible = (await readdir(folder)).filter(name => !name.startsWith('.') && name !== 'lost+found')
    for (const name of visible) {
      const expected = this.contents.get(name)
      const found = await readFile(join(folder, name))
      if (!expected) wrong.push(`${name}: was never sent`)
      else if (!found.equals(expected)) wrong.push(`${name}: ${found.length} bytes, not the ${expected.length} sent`)
    }
    for (const name of this.acknowledged) if (!visible.includes(name)) wrong.push(`${name}: acknowledged, and lost`)
    for (const list of this.lists) {
      const there = list.filter(name => visible.includes(name)).length
      if (there > 0 && there < list.length) wrong.push(`${list.join(', ')}: only ${there} of ${list.length}`)
    }
    return [...wrong, ...(await leftovers(folder))]
  }

  /** Deletes what was judged, so that the next round has less to look at. Open uploads stay. */
  async settle(folder: string): Promise<void> {
    for (const name of this.contents.keys()) await rm(join(folder, name), { force: true })
    const open = new Set([...this.resumables, ...this.chunked].map(({ name }) => name))
    for (const name of this.contents.keys()) if (!open.has(name)) this.contents.delete(name)
    this.acknowledged.clear()
    this.lists.length = 0
  }
}

/** What does not belong in the hidden folder of a server at rest: only the two files of resumable uploads do. */
export async function leftovers(folder: string): Promise<string[]> {
  const hidden = join(folder, '.dropgate')
  const names = existsSync(hidden) ? await readdir(hidden) : []
  return names.filter(name => !/^[\w-]{22,64}\.(data|record)$/.test(name)).map(name => `${name}: left behind`)
}
