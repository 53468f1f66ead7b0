/** A store's folder, held open. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, readlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { errnoOf, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { shared, syncFolderHandle } from './sync.ts'
import { temporaryFolder } from './temporaries.ts'

/** 0 where the system does not know the flag (Windows). */
const noFollow = constants.O_NOFOLLOW ?? 0
const directory = constants.O_DIRECTORY ?? 0

/** Creates a file that was not there: no overwriting, no walking through a planted link. */
export const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow

/** What a store needs to know about its folder. */
export interface FolderOptions {
  /** Absolute. */
  readonly path: string
  /** Permissions of the files; those of folders we make follow from them (`r` gives `x`). */
  readonly mode: number
  readonly durable: boolean
}

/**
 * The folder is opened once and its children are addressed through `/proc/<pid>/fd` where there is one (Linux), so a
 * folder that is swapped for a symbolic link later leads nobody outside. Elsewhere the path is used as it is.
 */
export interface Folder {
  /** Path for a visible name. */
  readonly child: (name: string) => string
  /** Path for a name in the hidden folder. */
  readonly temporary: (name: string) => string
  /** Path of the folder and of its hidden folder, for listings. */
  readonly self: string
  readonly hidden: string
  /**
   * Makes the names durable that were there when it was called (one fsync for all who wait), and makes sure that the
   * path people know still leads to this folder.
   */
  sync(): Promise<void>
  /** The path people know. */
  readonly path: string
  /** Whether what was found at that path is this folder. */
  is(found: Stats): boolean
  /** The same as `sync` for the names in the hidden folder, where resumable uploads wait. */
  syncHidden(): Promise<void>
  close(): Promise<void>
}

/** Opens the folder, making it and the hidden one if they are missing. */
export async function openFolder(fs: FileSystem, options: FolderOptions): Promise<Folder> {
  const { path, durable } = options
  await makeFolders(fs, path, options)
  const handles: FileHandle[] = []
  const close = async () => {
    await Promise.all(handles.map(handle => handle.close().catch(() => {})))
  }
  const hold = async (at: string, flags: number) => {
    if (process.platform === 'win32') return at
    const handle = await fs.open(at, constants.O_RDONLY | directory | flags)
    handles.push(handle)
    return throughDescriptor(fs, handle, at)
  }
  try {
    const self = await hold(path, 0)
    const identity = await fs.stat(join(self, '.'))
    await fs.mkdir(join(self, temporaryFolder), 0o700).catch(unless('EEXIST'))
    const hidden = await hold(join(self, temporaryFolder), noFollow)
    const syncNames = folderSync(fs, self, handles, handles[0])
    const syncHidden = folderSync(fs, hidden, handles, handles[1])
    const sync = shared(async () => {
      if (durable) await syncNames()
      if (!isSame(identity, await fs.stat(path))) throw new Error(`${path} was replaced by another folder`)
    })
    return {
      // Names are plain, so there is nothing for `join` to put in order.
      child: name => self + sep + name,
      temporary: name => hidden + sep + name,
      self,
      hidden,
      sync,
      path,
      is: found => isSame(identity, found),
      syncHidden: shared(async () => {
        if (durable) await syncHidden()
      }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** fsync of the folder. A handle whose fsync failed is never asked again: a fresh one takes its place. */
function folderSync(
  fs: FileSystem,
  path: string,
  handles: FileHandle[],
  first: FileHandle | undefined,
): () => Promise<void> {
  let good = first
  return async () => {
    if (process.platform === 'win32') return
    const handle = good ?? (await fs.open(join(path, '.'), constants.O_RDONLY | directory))
    if (handle !== good) handles.push(handle)
    good = undefined
    try {
      await syncFolderHandle(handle)
      good = handle
    } finally {
      // The first one stays open: paths lead through it.
      if (!good && handle !== first) {
        handles.splice(handles.indexOf(handle), 1)
        await handle.close()
      }
    }
  }
}

/** Makes the missing folders of a path one by one, each fsynced together with the one it stands in. */
async function makeFolders(fs: FileSystem, path: string, options: FolderOptions): Promise<void> {
  try {
    await fs.mkdir(path, folderMode(options.mode))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) {
      // Some systems say EACCES or EROFS before EEXIST.
      const found = await fs.stat(path).catch(unless('ENOENT'))
      if (found?.isDirectory()) return
      throw error
    }
    await makeFolders(fs, dirname(path), options)
    await fs.mkdir(path, folderMode(options.mode)).catch(unless('EEXIST'))
  }
  if (options.durable) for (const made of [path, dirname(path)]) await syncPath(fs, made)
}

async function syncPath(fs: FileSystem, path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.open(path, constants.O_RDONLY | directory)
  try {
    await syncFolderHandle(handle)
  } finally {
    await handle.close()
  }
}

/** `/proc/<pid>/fd/<n>` if it leads to the same folder, else the path. */
async function throughDescriptor(fs: FileSystem, handle: FileHandle, path: string): Promise<string> {
  try {
    const link = `/proc/${await ownNumber()}/fd/${handle.fd}`
    return isSame(await handle.stat(), await fs.stat(`${link}/.`)) ? link : path
  } catch {
    // No /proc, or one that we may not use.
    return path
  }
}

let number: Promise<string> | undefined

/**
 * What `/proc/self` stands for, which is our number in the namespace of that `/proc`, be it another than our own. To go by
 * it in place of `self` saves the system following a link, four times for a small file.
 */
function ownNumber(): Promise<string> {
  number ??= readlink('/proc/self')
  return number
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev
}

/** 0o600 gives 0o700, 0o644 gives 0o755: who may read the files may enter the folder. */
function folderMode(mode: number): number {
  return mode | 0o700 | ((mode & 0o444) >> 2)
}
