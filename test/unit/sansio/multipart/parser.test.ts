import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createMultipartParser, parseMultipart } from '../../../../src/multipart.ts'
import { UploadError } from '../../../../src/sansio/errors.ts'
import { isFilePart, type MultipartEvent, MultipartParser } from '../../../../src/sansio/multipart/parser.ts'
import { OptionError } from '../../../../src/sansio/option-error.ts'
import { B, field, file, form } from '../../../bodies/fixture.ts'
import { byteByByte, feed, inChunks } from './feed.ts'

function* drainLazily(parser: MultipartParser): Generator<MultipartEvent> {
  for (let event = parser.read(); event; event = parser.read()) yield event
}

function drain(parser: MultipartParser): MultipartEvent[] {
  return [...drainLazily(parser)]
}

describe('MultipartParser', () => {
  it('hands content out as views of the pushed chunk, one for each chunk', () => {
    const chunk = new Uint8Array(Buffer.from(`--${B}\r\n${file('f', 'f')}\r\n\r\n${`\r\n--${B}!\r\r\n--`.repeat(50)}x`))
    const parser = new MultipartParser(B)
    parser.push(chunk)
    const events = drain(parser)
    expect(events.map(event => event.type)).toEqual(['part', 'data'])
    expect(events[1]?.type === 'data' && events[1].bytes.buffer === chunk.buffer).toBe(true)
  })

  it('counts the bytes it has read: at a part, all up to its content', () => {
    const head = `--${B}\r\n${file('f', 'f')}\r\n\r\n`
    const body = Buffer.from(`${head}content\r\n--${B}--\r\n`)
    for (const size of [1, 10, body.length]) {
      const parser = new MultipartParser(B)
      for (const chunk of inChunks(body, size)) {
        parser.push(chunk)
        for (const event of drainLazily(parser)) if (event.type === 'part') expect(parser.consumed).toBe(head.length)
      }
      expect(parser.consumed).toBe(body.length)
    }
  })

  it('tells a file from a field', () => {
    const parser = new MultipartParser(B)
    parser.push(Buffer.from(form([field('a'), ''], [file('f', ''), ''])))
    const parts = drain(parser).flatMap(event => (event.type === 'part' ? [isFilePart(event.part)] : []))
    expect(parts).toEqual([false, true])
  })

  it('throws the same error again once it is dead, and takes no more bytes', () => {
    const parser = new MultipartParser(B)
    parser.push(Buffer.from(form([field(''), 'x'])))
    let first: unknown
    try {
      parser.read()
    } catch (error) {
      first = error
    }
    expect(first).toBeInstanceOf(UploadError)
    parser.push(Buffer.from(form([field('a'), 'x'])))
    for (const again of [() => parser.read(), () => parser.end()]) {
      try {
        again()
        expect.fail('it came back to life')
      } catch (error) {
        expect(error).toBe(first)
      }
    }
  })

  it('refuses to be used out of turn', () => {
    const parser = new MultipartParser(B)
    parser.push(Buffer.from(`--${B}--`))
    expect(() => parser.push(Buffer.from('x'))).toThrow('read()')
    expect(() => parser.end()).toThrow('read()')
    expect(drain(parser)).toEqual([{ type: 'end' }])
    parser.end()
  })

  it('refuses a boundary that RFC 2046 does not allow', () => {
    for (const boundary of ['', 'a'.repeat(71), 'a ', 'a\r\n', 'ä', 'a"b', 'a\\b']) {
      expect(() => new MultipartParser(boundary)).toThrow('Malformed multipart data.')
    }
  })

  it('refuses a limit that is no number: NaN would be no limit at all', () => {
    expect(() => new MultipartParser(B, { limits: { maxParts: Number.NaN } })).toThrow(OptionError)
    expect(() => new MultipartParser(B, { limits: { maxFieldSize: -1 } })).toThrow('maxFieldSize is -1')
  })

  it('keeps 1 MiB of near-boundary content whole at any chunk size', () => {
    const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW9'
    const needle = `\r\n--${boundary}`
    const pieces = Array.from(
      randomBytes(32 * 1024),
      n => `${needle.slice(0, (n % needle.length) + 1)}${'!- \t\r\n'[n % 6]}`,
    )
    const content = Buffer.from(`${pieces.join('').replaceAll(`${needle}\r\n`, '!').replaceAll(`${needle}--`, '!')}!`)
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\n${file('f', 'f')}\r\n\r\n`),
      content.subarray(0, 1024 * 1024),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    for (const size of [1, 7, boundary.length - 1, boundary.length, 1460, 64 * 1024, body.length]) {
      const { error, events } = feed(boundary, inChunks(body, size))
      expect(error).toBeUndefined()
      const part = events[0]
      const got = typeof part === 'object' ? Buffer.from(part.content, 'latin1') : Buffer.alloc(0)
      expect(sha256(got)).toBe(sha256(content.subarray(0, 1024 * 1024)))
    }
  })
})

describe('the door dropgate/multipart', () => {
  async function* source(body: string) {
    yield* byteByByte(Buffer.from(body))
  }

  it('yields the events of an async body', async () => {
    const types: string[] = []
    for await (const event of parseMultipart(source(form([field('a'), 'x'])), B)) types.push(event.type)
    expect(types).toEqual(['part', 'data', 'part-end', 'end'])
  })

  it('throws when the body ends early, and obeys its limits', async () => {
    const run = async (body: string, limits = {}) => {
      for await (const event of parseMultipart(source(body), B, limits)) void event
    }
    await expect(run(form([field('a'), 'x']).slice(0, -8))).rejects.toThrow('ended early')
    await expect(run(form([field('a'), 'x']), { maxFields: 0 })).rejects.toThrow('Too many fields.')
    expect(createMultipartParser(B)).toBeInstanceOf(MultipartParser)
  })
})
