/** The real file system with a counter: how often it is called, and which memory is written from. */
import type { FileHandle } from 'node:fs/promises'
import { type FileSystem, nodeFileSystem } from '../../../src/storages/disk/file-system.ts'
import { type InlineCalls, inlineCalls } from '../../../src/storages/disk/inline.ts'

/** What was counted since the last `reset`. */
export interface Counts {
  /** Calls by name; those that are made on the event loop, without the pool, as `inline …`. */
  readonly calls: Record<string, number>
  /** Every span that was given to the system: the memory it lies in, and its bytes, noted before it is taken away. */
  readonly written: Span[]
}

/** Bytes in some memory. */
export interface Span {
  readonly buffer: ArrayBufferLike
  readonly length: number
}

interface Counting {
  readonly fs: FileSystem
  readonly inline: InlineCalls
  readonly counts: Counts
  reset(): void
}

type AnyFunction = (...args: never[]) => unknown

/** The calls of the disk storage, watched; whatever method the storage comes to use is counted by itself. */
export function countingFileSystem(): Counting {
  const counts: Counts = { calls: {}, written: [] }
  const note = (name: string, args: readonly unknown[]) => {
    counts.calls[name] = (counts.calls[name] ?? 0) + 1
    const views = args.flat().filter(arg => ArrayBuffer.isView(arg))
    counts.written.push(...views.map(({ buffer, byteLength }) => ({ buffer, length: byteLength })))
  }
  const watch = <T extends object>(target: T, prefix: string): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function' || typeof property !== 'string') return value
        return (...args: unknown[]) => {
          note(`${prefix}${property}`, args)
          const result = (value as AnyFunction).apply(target, args as never[])
          return property === 'open' ? (result as Promise<FileHandle>).then(handle => watch(handle, '')) : result
        }
      },
    })
  return {
    fs: watch({ ...nodeFileSystem }, ''),
    inline: watch({ ...inlineCalls }, 'inline '),
    counts,
    reset() {
      for (const name of Object.keys(counts.calls)) delete counts.calls[name]
      counts.written.length = 0
    },
  }
}
