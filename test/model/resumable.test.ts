/**
 * Random schedules of up to four writers on one upload, over tus and the IETF protocol, with aborts, expiry and crashes,
 * against a model of a few lines. A failure is shrunk to the shortest schedule and named by its seed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DiskStorage, diskStorage } from '../../src/disk.ts'
import { dropgate, type Uploads } from '../../src/index.ts'
import { type MemoryStorage, memoryStorage } from '../../src/memory.ts'
import type { ResumableStorage, Storage } from '../../src/upload/ports.ts'

/** The upload's content: every byte tells its place. */
const content = Uint8Array.from({ length: 60 }, (_, at) => at + 1)
const expiryMs = 3_600_000

type Wire = 'tus' | 'ietf'

/** What a writer does. `slip` bytes away from the offset it was last told; `cut`: the body breaks off after so many. */
type Step =
  | { readonly kind: 'append'; writer: number; wire: Wire; slip: number; size: number; cut: number | undefined }
  | { readonly kind: 'head'; writer: number; wire: Wire }
  | { readonly kind: 'delete'; wire: Wire }
  | { readonly kind: 'wait'; ms: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'sweep' }

const wire = fc.constantFrom<Wire>('tus', 'ietf')
const writer = fc.integer({ min: 0, max: 3 })
const append = fc.record({
  kind: fc.constant('append' as const),
  writer,
  wire,
  slip: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 5 })),
  size: fc.integer({ min: 0, max: 25 }),
  cut: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined, freq: 3 }),
})
const steps: fc.WeightedArbitrary<Step>[] = [
  { weight: 14, arbitrary: append },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('head' as const), writer, wire }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), wire }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: expiryMs * 0.7 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
]
const crash: fc.WeightedArbitrary<Step> = { weight: 2, arbitrary: fc.constant({ kind: 'crash' as const }) }

/** Steps of one round run at once. What is in memory does not outlive its process. */
function schedules(kind: 'memory' | 'disk'): fc.Arbitrary<Step[][]> {
  const step = fc.oneof(...steps, ...(kind === 'disk' ? [crash] : []))
  return fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })
}

/** A process on the storage. Once it is dead nothing it does reaches the storage, and nobody hears its answers. */
interface Process {
  readonly uploads: Uploads
  isDead: boolean
  kill(): Promise<void>
}

interface World {
  /** A new process on the same storage. */
  start(): Process
  files(): Promise<Uint8Array[]>
  readonly finished: string[]
  readonly time: { now: number }
  end(): void
}

function makeWorld(kind: 'memory' | 'disk'): World {
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
      return Promise.all(
        listed.map(async ({ name }) => {
          const file = await storage.read(name)
          return new Uint8Array(await new Response(file?.body ?? null).arrayBuffer())
        }),
      )
    },
    finished,
    time,
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
function bodyOf(bytes: Uint8Array, cut: number | undefined): ReadableStream<Uint8Array> {
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

/** Runs a schedule on a world and checks what may never be otherwise. */
class Run {
  readonly #world: World
  #process: Process
  #url = ''
  /** What each writer was told last. */
  readonly #known = [0, 0, 0, 0]
  /** The highest offset that was acknowledged. */
  #acknowledged = 0
  /** Nobody can tell any more whether the upload is there. */
  #mayBeGone = false
  #isGone = false
  #hasCrashed = false

  constructor(world: World) {
    this.#world = world
    this.#process = world.start()
  }

  async go(rounds: readonly (readonly Step[])[]): Promise<void> {
    const created = await this.#send('POST', '/uploads', {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(content.length),
      'Upload-Metadata': `filename ${btoa('a.bin')}`,
    })
    this.#url = created?.headers.get('location') ?? ''
    for (const round of rounds) {
      const before = this.#acknowledged
      await Promise.all(round.map(one => this.#take(one)))
      await this.#check(before, round)
    }
    await this.#finish()
  }

  async #take(one: Step): Promise<void> {
    if (one.kind === 'crash') await this.#crash()
    else if (one.kind === 'wait') this.#world.time.now += one.ms
    else if (one.kind === 'sweep') await this.#send('HEAD', `/uploads/${'0'.repeat(32)}`, {})
    else if (one.kind === 'delete') await this.#remove(one.wire)
    else if (one.kind === 'head') await this.#head(one.writer, one.wire)
    else await this.#append(one)
  }

  async #crash(): Promise<void> {
    this.#hasCrashed = true
    const dying = this.#process
    await dying.kill()
    if (this.#process === dying) this.#process = this.#world.start()
  }

  async #remove(by: Wire): Promise<void> {
    const answer = await this.#send('DELETE', this.#url, markOf(by))
    if (!answer || answer.status === 204) this.#mayBeGone = true
    if (answer) expect([204, 404, 410, 400]).toContain(answer.status)
  }

  async #head(by: number, over: Wire): Promise<void> {
    const answer = await this.#send('HEAD', this.#url, markOf(over))
    if (!answer) return
    if (answer.status < 300) this.#known[by] = Number(answer.headers.get('upload-offset'))
    else expect([400, 404, 410]).toContain(answer.status)
  }

  async #append({ writer: by, wire: over, slip, size, cut }: Extract<Step, { kind: 'append' }>): Promise<void> {
    const offset = Math.max(0, (this.#known[by] ?? 0) + slip)
    const bytes = content.slice(offset, offset + size)
    const last = offset + bytes.length === content.length && cut === undefined
    const headers = {
      ...markOf(over),
      'Upload-Offset': String(offset),
      'Content-Type': over === 'tus' ? 'application/offset+octet-stream' : 'application/partial-upload',
      ...(over === 'ietf' && { 'Upload-Complete': last ? '?1' : '?0' }),
    }
    const answer = await this.#send('PATCH', this.#url, headers, bodyOf(bytes, cut))
    if (!answer) return
    const told = answer.headers.get('upload-offset')
    if (told !== null) this.#known[by] = Number(told)
    if (answer.status < 300) this.#acknowledged = Math.max(this.#acknowledged, Number(told))
    else expect([400, 404, 409, 410]).toContain(answer.status)
  }

  /** After every round: the offset has not fallen, the bytes are right, there is at most one file. */
  async #check(before: number, round: readonly Step[]): Promise<void> {
    const answer = await this.#send('HEAD', this.#url, markOf('ietf'))
    if (answer?.status === 204) {
      const offset = Number(answer.headers.get('upload-offset'))
      expect(offset).toBeGreaterThanOrEqual(Math.max(before, this.#acknowledged))
      this.#acknowledged = offset
      expect(this.#isGone).toBe(false)
    } else {
      // A sweep in the background may hold the lock of what is gone.
      expect(this.#isGone ? [400, 404, 410] : [404, 410]).toContain(answer?.status)
      expect(this.#isGone || this.#mayBeGone || round.some(({ kind }) => kind === 'wait')).toBe(true)
      this.#isGone = true
    }
    await this.#checkFiles()
  }

  async #checkFiles(): Promise<void> {
    const files = await this.#world.files()
    expect(files.length).toBeLessThanOrEqual(1)
    for (const file of files) expect(file).toEqual(content)
    const { finished } = this.#world
    // Between the name and the hook there is a moment in which a process may die.
    if (this.#hasCrashed) expect(finished.length).toBeLessThanOrEqual(files.length)
    else expect(finished).toEqual(files.map(() => 'a.bin'))
  }

  /** Whatever happened, an upload that is still there can be finished. */
  async #finish(): Promise<void> {
    if (this.#isGone) return this.#checkFiles()
    await this.#head(0, 'tus')
    await this.#append({ kind: 'append', writer: 0, wire: 'tus', slip: 0, size: content.length, cut: undefined })
    expect(await this.#world.files()).toEqual([content])
    await this.#checkFiles()
  }

  /** @returns undefined when the process died before it answered */
  async #send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: ReadableStream,
  ): Promise<Response | undefined> {
    const asked = this.#process
    const init = { method, headers, ...(body && { body, duplex: 'half' }) } as RequestInit
    const answer = await asked.uploads.handle(new Request(new URL(url, 'http://localhost'), init))
    return asked.isDead ? undefined : answer
  }
}

function markOf(over: Wire): Record<string, string> {
  return over === 'tus' ? { 'Tus-Resumable': '1.0.0' } : { 'Upload-Draft-Interop-Version': '8' }
}

/** `MODEL_RUNS=2000` for the long form. A folder is slower than memory. */
const defaultRuns = { memory: 300, disk: 60 }

describe.each(['memory', 'disk'] as const)('an upload under four writers, %s', kind => {
  const runs = Number(process.env.MODEL_RUNS ?? defaultRuns[kind])
  test(
    'has the right bytes, one commit, and an offset that never falls',
    async () => {
      const property = fc.asyncProperty(schedules(kind), async rounds => {
        const world = makeWorld(kind)
        try {
          await new Run(world).go(rounds)
        } finally {
          world.end()
        }
      })
      await fc.assert(property, { numRuns: runs })
    },
    20_000 + runs * 200,
  )
})
