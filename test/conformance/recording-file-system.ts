/** The real file system with a witness: it knows at any time what a power cut would leave. */
import type { FileHandle } from 'node:fs/promises'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type FileSystem, nodeFileSystem } from '../../src/storages/disk/file-system.ts'

interface Recording {
  readonly fileSystem: FileSystem
  /** What happened, in order: `open x`, `write x`, `sync x`, `close x`, `link x`, `unlink x`, `sync folder`. */
  readonly journal: string[]
  /** The visible files after a power cut now: names that a finished folder fsync covers, bytes that a file fsync does. */
  afterPowerCut(): Map<string, Uint8Array>
}

/** Handles keep their prototype; only the named methods are watched. */
export function recordingFileSystem(): Recording {
  const journal: string[] = []
  // By temporary name: the bytes that a finished fsync of the file covers.
  const syncedBytes = new Map<string, Uint8Array>()
  // Visible name to temporary name: links made, and links that a finished fsync of the folder covers.
  const names = new Map<string, string>()
  const durableNames = new Map<string, string>()

  const watch = (handle: FileHandle, path: string, isFolder: boolean): FileHandle => {
    const label = isFolder ? 'folder' : basename(path)
    return new Proxy(handle, {
      get(target, property) {
        if (property === 'sync') {
          return async () => {
            const covered = isFolder ? [...names] : []
            const bytes = isFolder ? undefined : await readFile(path)
            await target.sync()
            for (const [name, file] of covered) durableNames.set(name, file)
            if (bytes) syncedBytes.set(label, new Uint8Array(bytes))
            journal.push(`sync ${label}`)
          }
        }
        if (property === 'writev') {
          return async (spans: NodeJS.ArrayBufferView[], position: number) => {
            journal.push(`write ${label}`)
            return target.writev(spans, position)
          }
        }
        const value: unknown = Reflect.get(target, property, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async open(path, flags, mode) {
      const handle = await nodeFileSystem.open(path, flags, mode)
      return watch(handle, String(path), (await handle.stat()).isDirectory())
    },
    async link(from, to) {
      await nodeFileSystem.link(from, to)
      names.set(basename(String(to)), basename(String(from)))
      journal.push(`link ${basename(String(to))}`)
    },
    async unlink(path) {
      await nodeFileSystem.unlink(path)
      names.delete(basename(String(path)))
      journal.push(`unlink ${basename(String(path))}`)
    },
  }
  return {
    fileSystem,
    journal,
    afterPowerCut() {
      return new Map([...durableNames].map(([name, file]) => [name, syncedBytes.get(file) ?? new Uint8Array()]))
    },
  }
}
