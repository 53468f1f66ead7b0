/** The commit of a list of resumable uploads: all or none. */
import type { ResumableCommit } from '../../../upload/ports.ts'
import { misuse, unless } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import type { Folder } from '../folder.ts'
import type { Opened } from '../opened.ts'
import type { Room } from '../room.ts'
import { eachOf } from '../temporaries.ts'
import { sealData } from './data.ts'
import { dataName } from './names.ts'

/**
 * Bytes to the disk, then the names, then the folder; whatever fails takes back the names given. The bytes keep their
 * hidden name beside the visible one until a `save` says that the upload is finished.
 *
 * @returns the names given, in order
 */
export async function commitData(
  room: Room,
  { folder, names }: Opened,
  uploads: readonly ResumableCommit[],
): Promise<readonly string[]> {
  const { fs, options } = room
  const paths = uploads.map(({ id }) => folder.temporary(dataName(id)))
  const given = await Promise.all(
    paths.map((path, index) => nameGivenBefore(fs, folder, path, uploads[index] as ResumableCommit)),
  )
  for (const [index, path] of paths.entries()) {
    if (given[index] === undefined) await sealData(fs, path, (uploads[index] as ResumableCommit).size, options.durable)
  }
  const fresh: string[] = []
  try {
    for (const [index, path] of paths.entries()) {
      if (given[index] !== undefined) continue
      const name = await names.take((uploads[index] as ResumableCommit).name, path)
      given[index] = name
      fresh.push(name)
    }
    await folder.sync()
    return given as string[]
  } catch (error) {
    await Promise.all(fresh.map(name => fs.unlink(folder.child(name)).catch(() => {})))
    await folder.sync().catch(() => {})
    throw error
  }
}

/** The name that a commit gave which a crash kept from being known: the file can then not be told from the upload. */
async function nameGivenBefore(
  fs: FileSystem,
  folder: Folder,
  path: string,
  upload: ResumableCommit,
): Promise<string | undefined> {
  const name = await visibleNameOf(fs, folder, path)
  if (name === undefined) return undefined
  const { size } = await fs.lstat(path)
  if (size !== upload.size) throw misuse(`the upload is a file of ${size} bytes already, not ${upload.size}`)
  return name
}

/** The visible name of the same bytes, if there is one. */
export async function visibleNameOf(fs: FileSystem, folder: Folder, path: string): Promise<string | undefined> {
  const data = await fs.lstat(path).catch(unless('ENOENT'))
  if (!data || data.nlink < 2) return undefined
  let found: string | undefined
  await eachOf(await fs.readdir(folder.self), async name => {
    const other = await fs.lstat(folder.child(name)).catch(unless('ENOENT'))
    if (other?.ino === data.ino && other.dev === data.dev) found = name
  })
  return found
}
