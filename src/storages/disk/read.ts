/** The committed files: listing, reading, deleting. */
import { type BigIntStats, constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { ListedFile, ReadableFile } from '../../upload/ports.ts'
import { storageError, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { eachOf } from './temporaries.ts'

/** Bytes per read; one such piece is in memory per open body. */
const pieceSize = 256 * 1024

// A pipe planted under the name must not make `open` wait for its writer.
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** The visible regular files of a folder, newest first. */
export async function listFiles(
  fs: FileSystem,
  folder: string,
  pathOf: (name: string) => string,
): Promise<ListedFile[]> {
  const entries = (await fs.readdir(folder, { withFileTypes: true }).catch(unless('ENOENT'))) ?? []
  const files: ListedFile[] = []
  await eachOf(
    entries.filter(entry => !entry.name.startsWith('.') && !entry.isDirectory()),
    async ({ name }) => {
      const found = await fs.lstat(pathOf(name)).catch(unless('ENOENT'))
      if (found?.isFile()) files.push({ name, size: found.size, modified: found.mtimeMs })
    },
  )
  return files.sort((a, b) => b.modified - a.modified || (a.name < b.name ? -1 : 1))
}

/** A regular file; undefined for anything else. Its descriptor is opened by the first read of the body, so an answer without a body needs none. */
export async function readFile(fs: FileSystem, path: string, name: string): Promise<ReadableFile | undefined> {
  const found = await fs.lstat(path, { bigint: true }).catch(unless('ENOENT', 'ENAMETOOLONG'))
  if (!found?.isFile()) return undefined
  const tag = tagIn(found)
  const open = async () => {
    const handle = await fs.open(path, readFlags)
    const now = await handle.stat({ bigint: true })
    if (now.dev === found.dev && now.size === found.size && tagIn(now) === tag) return handle
    await handle.close()
    throw new Error('The file changed before it was read')
  }
  const size = Number(found.size)
  const slice = (start: number, end: number) => bodyOf(open, start, end)
  return { name, size, modified: Number(found.mtimeMs), tag, body: slice(0, size), slice }
}

/**
 * Deletes a regular file; false when there is none, or something else stands there.
 * @param tag from {@link tagOf}: only this very file is meant
 */
export async function deleteFile(fs: FileSystem, path: string, tag?: string): Promise<boolean> {
  const found = await fs.lstat(path).catch(unless('ENOENT', 'ENAMETOOLONG'))
  if (!found?.isFile()) return false
  if (tag !== undefined && (await tagOf(fs, path)) !== tag) return false
  const deleted = fs.unlink(path).then(() => true)
  return (await deleted.catch(unless('ENOENT'))) ?? false
}

/** What tells a file from a later one of its name: an inode may be used again, but not with the same time to the nanosecond. */
export async function tagOf(fs: FileSystem, path: string): Promise<string | undefined> {
  const found = await fs.lstat(path, { bigint: true }).catch(unless('ENOENT'))
  return found ? tagIn(found) : undefined
}

/** The tag in what the system says of a file. Giving it another name does not change it. */
export function tagIn({ ino, mtimeNs }: Pick<BigIntStats, 'ino' | 'mtimeNs'>): string {
  return `${ino.toString(36)}-${mtimeNs.toString(36)}`
}

/** The bytes from `start` up to `end`, each piece read only when somebody asks for it. */
function bodyOf(open: () => Promise<FileHandle>, start: number, end: number): ReadableStream<Uint8Array> {
  let handle: FileHandle | undefined
  let position = start
  const close = async () => {
    const closing = handle
    handle = undefined
    await closing?.close()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          handle ??= await open()
          const piece = new Uint8Array(Math.min(pieceSize, end - position))
          const { bytesRead } = await handle.read(piece, 0, piece.byteLength, position)
          if (bytesRead === 0 && piece.byteLength > 0) throw new Error('The file became shorter while it was read')
          position += bytesRead
          if (bytesRead > 0) controller.enqueue(piece.subarray(0, bytesRead))
          if (position < end) return
          await close()
          controller.close()
        } catch (error) {
          await close().catch(() => {})
          controller.error(storageError(error))
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}
