/** Dropzone's chunks of one file, and what is known of them. */
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Range } from '../../src/sansio/resumable/ranges.ts'
import { chunkCount, chunkSize, content, expiryMs, markOf, type Step, type Wire } from './steps.ts'
import type { World } from './world.ts'

const uuid = '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10'
/** Where an owner without a name has them. */
const id = createHash('sha256').update(`${uuid}\0`).digest('base64url')
const boundary = 'model'

/** Sends a request; undefined when the process died before it answered. */
type Send = (
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: ReadableStream<Uint8Array>,
) => Promise<Response | undefined>

export class ChunkModel {
  readonly #world: World
  readonly #send: Send
  /** Bytes that were acknowledged, or seen in the record, since the upload was last begun. */
  readonly #kept = new Set<number>()
  /** How often it may have been begun: anew only after it was forgotten. */
  #lives = 1

  constructor(world: World, send: Send) {
    this.#world = world
    this.#send = send
  }

  /** @param cut breaks off so many bytes before the last one of the chunk */
  async send(index: number, cut: number | undefined): Promise<Response | undefined> {
    const bytes = content.slice(index * chunkSize, (index + 1) * chunkSize)
    const fields = {
      dzuuid: uuid,
      dzchunkindex: index,
      dztotalfilesize: content.length,
      dzchunksize: chunkSize,
      dztotalchunkcount: chunkCount,
      dzchunkbyteoffset: index * chunkSize,
    }
    const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
    const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
    const before = Buffer.from(`${text.join('')}${part('name="file"; filename="b.bin"')}`)
    const whole = Buffer.concat([before, bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
    const end = cut === undefined ? whole.length : before.length + Math.max(0, bytes.length - 1 - cut)
    const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
    const answer = await this.#send('POST', '/uploads', headers, inPieces(whole.subarray(0, end), cut === undefined))
    if (!answer) return undefined
    if (cut !== undefined) expect(answer.status).toBeGreaterThanOrEqual(400)
    if (answer.status === 201) for (let at = 0; at < bytes.length; at++) this.#kept.add(index * chunkSize + at)
    // Expired between its beginning and its end.
    else if (cut === undefined) expect(answer.status).toBe(410)
    return answer
  }

  /** tus and IETF know nothing of it, and can not harm it. */
  async stray(wire: Wire): Promise<void> {
    const patch = {
      ...markOf(wire),
      'Upload-Offset': '0',
      'Content-Type': wire === 'tus' ? 'application/offset+octet-stream' : 'application/partial-upload',
      ...(wire === 'tus' ? { 'Upload-Length': '3' } : { 'Upload-Complete': '?1' }),
    }
    const body = () => inPieces(Buffer.from('no!'), true)
    for (const answer of [
      await this.#send('HEAD', `/uploads/${id}`, markOf(wire)),
      await this.#send('PATCH', `/uploads/${id}`, patch, body()),
      await this.#send('DELETE', `/uploads/${id}`, markOf(wire)),
    ]) {
      // 400: a newer request was quicker.
      if (answer) expect([400, 404]).toContain(answer.status)
    }
  }

  /** After every round: what was received once stays received, unless the upload has expired. */
  async check(round: readonly Step[]): Promise<void> {
    const record = (await this.#world.records()).get(id)
    const has = (at: number) => record?.state === 'complete' || isIn(record?.ranges ?? [], at)
    if (![...this.#kept].every(has)) {
      expect(this.#mayHaveExpired(round), 'received bytes are forgotten').toBe(true)
      this.#kept.clear()
      this.#lives++
    }
    for (let at = 0; at < content.length; at++) if (record && has(at)) this.#kept.add(at)
  }

  /** How many of the names may be the file, once for each life. */
  countOf(names: readonly string[]): number {
    const own = names.filter(name => /^b( \(\d+\))?\.bin$/.test(name))
    expect(own.length).toBeLessThanOrEqual(this.#lives)
    return own.length
  }

  /** Whatever happened, all chunks together make the file. */
  async finish(): Promise<void> {
    let told = ''
    for (let index = 0; index < chunkCount; index++) {
      const answer = await this.send(index, undefined)
      expect(answer?.status).toBe(201)
      told = (await answer?.text()) ?? ''
    }
    expect(told).toContain('.bin"')
    const { size } = await this.#world.files()
    expect(size).toBeGreaterThan(0)
  }

  /** Time passed now, or it was at rest so long that the sweep behind this round's answers has found it. */
  #mayHaveExpired(round: readonly Step[]): boolean {
    return round.some(({ kind }) => kind === 'wait') || this.#world.time.now - this.#world.began >= expiryMs
  }
}

function isIn(ranges: readonly Range[], at: number): boolean {
  return ranges.some(([start, end]) => at >= start && at < end)
}

/** A body in three pieces, which ends or breaks off. */
function inPieces(bytes: Uint8Array, isWhole: boolean): ReadableStream<Uint8Array> {
  const third = Math.ceil(bytes.length / 3)
  const pieces = [0, 1, 2].map(index => bytes.slice(index * third, (index + 1) * third))
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift()
      await new Promise(resolve => setImmediate(resolve))
      if (piece && piece.length > 0) controller.enqueue(piece)
      else if (isWhole) controller.close()
      else controller.error(new Error('cut'))
    },
  })
}
