/** Whether entries are as large as they say: by unpacking them, off the main thread, and keeping nothing. */
import { createInflateRaw } from 'node:zlib'
import type { InspectedFile } from '../../upload/types.ts'
import type { ZipEntry } from './directory.ts'

const pieceSize = 256 * 1024

/** What unpacking an entry came to. */
export interface Expanded {
  /** More bytes than it says, or something that is no compressed data. */
  readonly isLie: boolean
  /** The first bytes. */
  readonly head: Uint8Array
}

/** Unpacks one stored or deflated entry; undefined for methods that we cannot. Stops at the first byte too many. */
export async function expand(file: InspectedFile, entry: ZipEntry, signal: AbortSignal): Promise<Expanded | undefined> {
  if (entry.isEncrypted || (entry.method !== 0 && entry.method !== 8)) return undefined
  const local = Buffer.from(await file.read(entry.offset, 30))
  if (local.length < 30 || local.toString('latin1', 0, 4) !== 'PK\x03\x04') return { isLie: true, head: local }
  const nameLength = local.readUInt16LE(26)
  const name = Buffer.from(await file.read(entry.offset + 30, nameLength)).toString('latin1')
  // Programs that read from the beginning would see another list.
  if (name !== entry.name || local.readUInt16LE(8) !== entry.method) return { isLie: true, head: local }
  const start = entry.offset + 30 + nameLength + local.readUInt16LE(28)
  if (entry.method === 0) {
    return {
      isLie: entry.compressed !== entry.expanded,
      head: await file.read(start, Math.min(4096, entry.compressed)),
    }
  }
  return inflate(file, start, entry, signal)
}

async function inflate(
  file: InspectedFile,
  start: number,
  { compressed, expanded }: ZipEntry,
  signal: AbortSignal,
): Promise<Expanded> {
  const inflater = createInflateRaw({ chunkSize: 64 * 1024 })
  const heads: Buffer[] = []
  let size = 0
  const outcome = new Promise<boolean>(resolve => {
    inflater.on('data', (bytes: Buffer) => {
      if (size < 4096) heads.push(bytes.subarray(0, 4096 - size))
      size += bytes.length
      if (size > expanded) resolve(true)
    })
    inflater.on('end', () => resolve(size !== expanded))
    inflater.on('error', () => resolve(true))
    inflater.on('close', () => resolve(true))
  })
  try {
    const feeding = feed(file, start, compressed, inflater, signal)
    feeding.catch(() => {})
    const isLie = await Promise.race([outcome, feeding.then(() => outcome)])
    return { isLie, head: Buffer.concat(heads) }
  } finally {
    inflater.destroy()
  }
}

async function feed(
  file: InspectedFile,
  start: number,
  length: number,
  inflater: ReturnType<typeof createInflateRaw>,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < length && !inflater.destroyed; ) {
    signal.throwIfAborted()
    const piece = await file.read(start + done, Math.min(pieceSize, length - done))
    if (piece.length === 0) break
    done += piece.length
    await new Promise<void>(resolve => inflater.write(piece, () => resolve()))
  }
  inflater.end()
}
