/**
 * Random schedules of up to four writers over Dropzone's chunks, tus and the IETF protocol on one upload, which tus or
 * chunks have begun, with aborts, deletions, expiry and crashes, against a model of a few lines. A failure is shrunk to the
 * shortest schedule and named by its seed.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunkForm, hashedId, ownUuid, uuidOf } from './chunk-form.ts'
import { Kept } from './kept.ts'
import {
  type Append,
  chunkCount,
  chunkSize,
  content,
  markOf,
  type Schedule,
  type Step,
  schedules,
  type Wire,
} from './steps.ts'
import { bodyOf, makeWorld, type Process, type World } from './world.ts'

/** Refusals that may come: a newer request was quicker, there is no such upload, another offset, expired. */
const refusals = [400, 404, 409, 410]

/** Runs a schedule on a world and checks what may never be otherwise. */
class Run {
  readonly #world: World
  readonly #kept: Kept
  #process: Process
  #id = ''
  #uuid = ownUuid
  /** What each writer was told last. */
  readonly #known = [0, 0, 0, 0]
  #hasCrashed = false

  constructor(world: World) {
    this.#world = world
    this.#process = world.start()
    this.#kept = new Kept(world)
  }

  async go({ first, last, rounds }: Schedule): Promise<void> {
    await this.#begin(first)
    for (const round of rounds) {
      await Promise.all(round.map(one => this.#take(one)))
      this.#kept.lives += round.filter(({ kind }) => kind === 'delete').length
      await this.#head(0, 'ietf')
      await this.#kept.check(round)
      await this.#checkFiles()
    }
    await this.#finish(last)
  }

  async #begin(first: Schedule['first']): Promise<void> {
    if (first === 'chunks') {
      this.#id = hashedId(ownUuid)
      return
    }
    const created = await this.#send('POST', '/uploads', {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(content.length),
      'Upload-Metadata': `filename ${btoa('a.bin')}`,
    })
    this.#id = idIn(created)
    this.#uuid = uuidOf(this.#id)
  }

  async #take(one: Step): Promise<void> {
    if (one.kind === 'crash') await this.#crash()
    else if (one.kind === 'wait') this.#world.time.now += one.ms
    else if (one.kind === 'sweep') await this.#send('OPTIONS', '/uploads', {})
    else if (one.kind === 'delete') await this.#remove(one.wire)
    else if (one.kind === 'head') await this.#head(one.writer, one.wire)
    else if (one.kind === 'chunk') await this.#chunk(one)
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
    if (answer) expect([204, ...refusals]).toContain(answer.status)
  }

  async #head(by: number, over: Wire): Promise<Response | undefined> {
    const answer = await this.#send('HEAD', this.#url, markOf(over))
    if (!answer) return undefined
    if (answer.status >= 300) expect(refusals).toContain(answer.status)
    else this.#heard(by, answer)
    return answer
  }

  async #append({ writer: by, wire: over, slip, size, cut, late }: Append): Promise<void> {
    for (let turn = 0; turn < late; turn++) await new Promise(resolve => setImmediate(resolve))
    const offset = Math.max(0, (this.#known[by] ?? 0) + slip)
    const bytes = content.slice(offset, offset + size)
    const last = offset + bytes.length === content.length && cut === undefined
    const headers = {
      ...markOf(over),
      'Upload-Offset': String(offset),
      'Content-Type': over === 'tus' ? 'application/offset+octet-stream' : 'application/partial-upload',
      ...(over === 'ietf' && { 'Upload-Complete': last ? '?1' : '?0' }),
      ...(over === 'tus' && last && { 'Upload-Length': String(content.length) }),
    }
    const answer = await this.#send('PATCH', this.#url, headers, bodyOf(bytes, cut))
    if (!answer) return
    if (answer.status >= 300) expect(refusals).toContain(answer.status)
    if (answer.status < 300 || answer.status === 409) this.#heard(by, answer)
  }

  async #chunk({ index, cut, lies, slow }: Omit<Extract<Step, { kind: 'chunk' }>, 'kind'>): Promise<string> {
    const { headers, body } = chunkForm(this.#uuid, index, cut, lies, slow)
    const answer = await this.#send('POST', '/uploads', headers, body)
    if (!answer) return ''
    if (cut !== undefined || lies) expect(answer.status).toBeGreaterThanOrEqual(400)
    if (answer.status !== 201) expect(refusals).toContain(answer.status)
    else this.#kept.add(idIn(answer), index * chunkSize, Math.min((index + 1) * chunkSize, content.length))
    return answer.text()
  }

  /** What an answer tells is acknowledged from now on. */
  #heard(by: number, { headers }: Response): void {
    const offset = Number(headers.get('upload-offset'))
    if (headers.get('upload-offset') === null) return
    this.#known[by] = offset
    this.#kept.add(this.#id, 0, offset)
  }

  /** The bytes are right, there is at most one file, and it was announced once. */
  async #checkFiles(): Promise<void> {
    const files = await this.#world.files()
    const names = [...files.keys()].sort()
    // What chunks begin anew, after it was forgotten, is another upload of the same name.
    for (const name of names) expect(name).toMatch(/^(?:a|b(?: \(\d+\))?)\.bin$/)
    expect(names.length).toBeLessThanOrEqual(this.#kept.lives)
    for (const file of files.values()) expect(file).toEqual(content)
    const { finished } = this.#world
    // Between the name and the hook there is a moment in which a process may die.
    if (this.#hasCrashed) for (const name of finished) expect(names).toContain(name)
    else expect([...finished].sort()).toEqual(names)
    expect(new Set(finished).size, 'announced once').toBe(finished.length)
  }

  /** Whatever happened, an upload that is still there can be finished, and one that is not can be begun anew. */
  async #finish(last: Schedule['last']): Promise<void> {
    const isThere = (await this.#head(0, 'tus'))?.status === 200
    if (last === 'tus' && isThere) {
      await this.#append({
        kind: 'append',
        writer: 0,
        wire: 'tus',
        slip: 0,
        size: content.length,
        cut: undefined,
        late: 0,
      })
      const seen = await this.#head(0, 'tus')
      expect(seen?.headers.get('dropgate-file')).toContain('.bin"')
      expect(this.#known[0]).toBe(content.length)
    } else {
      // What tus began and nobody went on with is not begun anew by chunks.
      if (!isThere) this.#uuid = ownUuid
      for (let index = 0; index < chunkCount; index++)
        await this.#chunk({ index, cut: undefined, lies: false, slow: 0 })
      expect(await this.#chunk({ index: chunkCount - 1, cut: undefined, lies: false, slow: 0 })).toContain('.bin"')
      this.#kept.lives++
    }
    expect((await this.#world.files()).size).toBeGreaterThan(0)
    await this.#checkFiles()
  }

  get #url(): string {
    return `/uploads/${this.#id}`
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

/** The id at the end of a Location. */
function idIn(answer: Response | undefined): string {
  return answer?.headers.get('location')?.replace(/^.*\//, '') ?? ''
}

/** `MODEL_RUNS=2000` for the long form. A folder is slower than memory. */
const defaultRuns = { memory: 300, disk: 60 }

describe.each(['memory', 'disk'] as const)('an upload under four writers, %s', kind => {
  const runs = Number(process.env.MODEL_RUNS ?? defaultRuns[kind])
  test(
    'has the right bytes, one commit, and an offset that never falls',
    async () => {
      const property = fc.asyncProperty(schedules(kind), async schedule => {
        const world = makeWorld(kind)
        try {
          await new Run(world).go(schedule)
        } finally {
          world.end()
        }
      })
      await fc.assert(property, { numRuns: runs })
    },
    20_000 + runs * 200,
  )
})
