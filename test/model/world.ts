/** A storage with one process after another on it, and a clock that can be set. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DiskStorage, diskStorage } from '../../src/disk.ts'
import { dropgate, type Uploads } from '../../src/index.ts'
import { type MemoryStorage, memoryStorage } from '../../src/memory.ts'
import type { ResumableStorage, Storage } from '../../src/upload/ports.ts'
import type { ResumableRecord } from '../../src/upload/resumable-record.ts'
import { expiryMs } from './steps.ts'

/** A process on the storage. Once it is dead nothing it does reaches the storage, and nobody hears its answers. */
export interface Process {
  readonly uploads: Uploads
  isDead: boolean
  kill(): Promise<void>
}

export interface World {
  /** A new process on the same storage. */
  start(): Process
  /** All visible files, by name. */
  files(): Promise<Map<string, Uint8Array>>
  /** All records, by the id of their upload. */
  records(): Promise<Map<string, ResumableRecord>>
  readonly finished: string[]
  readonly time: { now: number }
  /** The time at its beginning. */
  readonly began: number
  end(): void
}

export function makeWorld(kind: 'memory' | 'disk'): World {
  const folder = kind === 'disk' ? mkdtempSync(join(tmpdir(), 'dropgate-model-')) : undefined
  const inMemory = memoryStorage()
  const open = () => (folder === undefined ? inMemory : diskStorage(folder, { durable: false }))
  const finished: string[] = []
  const time = { now: 1_800_000_000_000 }
  const start = (): Process => {
    const storage = open()
    const running = new Set<Promise<unknown>>()
    const resumable = new Proxy(storage.resumable, {
      get(target, name: keyof ResumableStorage) {
        const method = target[name] as (...args: unknown[]) => unknown
        return (...args: unknown[]) => {
          if (self.isDead) return name === 'records' ? [] : Promise.reject(new Error('dead'))
          const result = method.apply(target, args)
          if (result instanceof Promise) running.add(result)
          return result
        }
      },
    })
    const uploads = dropgate({
      storage: { ...bound(storage), resumable },
      clock: { now: () => time.now },
      expiry: expiryMs / 1000,
      log: () => {},
      onUploadFinish: file => void finished.push(file.name),
    })
    const self: Process = {
      uploads,
      isDead: false,
      async kill() {
        self.isDead = true
        // A system call that has begun is not undone.
        await Promise.allSettled(running)
      },
    }
    return self
  }
  return {
    start,
    async files() {
      const storage = open()
      const listed = await storage.list()
      const files = new Map<string, Uint8Array>()
      for (const { name } of listed) {
        const file = await storage.read(name)
        files.set(name, new Uint8Array(await new Response(file?.body ?? null).arrayBuffer()))
      }
      return files
    },
    async records() {
      const found = new Map<string, ResumableRecord>()
      for await (const { id, record } of open().resumable.records()) {
        found.set(id, JSON.parse(record) as ResumableRecord)
      }
      return found
    },
    finished,
    time,
    began: time.now,
    end: () => folder !== undefined && rmSync(folder, { recursive: true, force: true }),
  }
}

/** A class's methods do not survive a spread. */
function bound(storage: MemoryStorage | DiskStorage): Storage {
  const { create, append, commit, remove, stat } = storage
  const own = { create, append, commit, remove, stat }
  return Object.fromEntries(
    Object.entries(own).map(([name, method]) => [name, (method as () => unknown).bind(storage)]),
  ) as unknown as Storage
}

/** A body that comes in two pieces, or breaks off. */
export function bodyOf(bytes: Uint8Array, cut: number | undefined): ReadableStream<Uint8Array> {
  const end = cut === undefined ? bytes.length : Math.min(cut, bytes.length)
  const half = end >> 1
  const pieces = [bytes.slice(0, half), bytes.slice(half, end)].filter(piece => piece.length > 0)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift()
      await new Promise(resolve => setImmediate(resolve))
      if (piece) controller.enqueue(piece)
      else if (cut === undefined) controller.close()
      else controller.error(new Error('cut'))
    },
  })
}
