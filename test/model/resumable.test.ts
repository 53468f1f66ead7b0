/**
 * Random schedules of up to four writers over tus and the IETF protocol on one upload, and over Dropzone's chunks on another
 * in the same storage, with aborts, expiry and crashes, against a model of a few lines. A failure is shrunk to the shortest
 * schedule and named by its seed.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkModel } from './chunk-model.ts'
import { content, markOf, type Step, schedules, type Wire } from './steps.ts'
import { bodyOf, makeWorld, type Process, type World } from './world.ts'

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
  readonly #chunks: ChunkModel

  constructor(world: World) {
    this.#world = world
    this.#process = world.start()
    this.#chunks = new ChunkModel(world, (method, url, headers, body) => this.#send(method, url, headers, body))
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
    else if (one.kind === 'chunk') await this.#chunks.send(one.index, one.cut)
    else if (one.kind === 'stray') await this.#chunks.stray(one.wire)
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
    await this.#chunks.check(round)
    await this.#checkFiles()
  }

  async #checkFiles(): Promise<void> {
    const files = await this.#world.files()
    const names = [...files.keys()].sort()
    expect(names.filter(name => name === 'a.bin').length + this.#chunks.countOf(names)).toBe(names.length)
    for (const file of files.values()) expect(file).toEqual(content)
    const { finished } = this.#world
    // Between the name and the hook there is a moment in which a process may die.
    if (this.#hasCrashed) for (const name of finished) expect(names).toContain(name)
    else expect([...finished].sort()).toEqual(names)
    expect(new Set(finished).size, 'announced once').toBe(finished.length)
  }

  /** Whatever happened, an upload that is still there can be finished. */
  async #finish(): Promise<void> {
    await this.#chunks.finish()
    if (this.#isGone) return this.#checkFiles()
    await this.#head(0, 'tus')
    await this.#append({ kind: 'append', writer: 0, wire: 'tus', slip: 0, size: content.length, cut: undefined })
    expect((await this.#world.files()).get('a.bin')).toEqual(content)
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
