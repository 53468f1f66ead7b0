/** The short way of the common heads must be the long way, only shorter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeadReader } from '../../../../src/sansio/multipart/head-reader.ts'
import { defaultMultipartLimits } from '../../../../src/sansio/multipart/limits.ts'
import { type PartHead, parsePartHead } from '../../../../src/sansio/multipart/part-head.ts'
import { UsualHeadReader } from '../../../../src/sansio/multipart/usual-head.ts'
import { nativeMultipartTools } from '../../../../src/upload/native-tools.ts'

const encoder = new TextEncoder()
const { decodeUtf8 } = nativeMultipartTools
const delimiter = '--boundary'

/** The block with its empty line, and with something else around it. */
const around = (block: Uint8Array) => ({ chunk: new Uint8Array([7, 7, 7, ...block, 13, 10, 7, 7, 7]), position: 3 })

/** As the parser goes when nothing is usual: the head, and where it ends. */
function longWay(block: Uint8Array): { part: PartHead; end: number } | undefined {
  const cursor = around(block)
  try {
    const read = new HeadReader(defaultMultipartLimits).read(cursor)
    return read && { part: parsePartHead(read, delimiter, decodeUtf8), end: cursor.position }
  } catch {
    return undefined
  }
}

/** The reader may have read other heads before. */
function shortWay(reader: UsualHeadReader, block: Uint8Array): { part: PartHead; end: number } | undefined {
  const cursor = around(block)
  const part = reader.read(cursor)
  if (!part) expect(cursor.position).toBe(3)
  return part && { part, end: cursor.position }
}

function plain(read: { part: PartHead; end: number } | undefined) {
  if (!read) return undefined
  const { name, filename, type, headers } = read.part
  return { name, filename, type, headers: [...headers], end: read.end }
}

const piece = fc.constantFrom(
  ...['Content-Disposition', 'content-disposition', 'Content-Type', ': ', ':', ' ', 'form-data', '; ', ';', 'name='],
  ...[
    'filename=',
    'filename*=',
    '"',
    '"a"',
    '"a b.txt"',
    '"ü.txt"',
    '"%22"',
    '"\\"',
    '""',
    '\r\n',
    '\n',
    '\0',
    'text/plain',
  ],
  ...['image/PNG', '; charset=utf-8', delimiter, 'X-Own: 1\r\n', '\t'],
)
const usual = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
    filename: fc.option(fc.string({ maxLength: 20, unit: 'grapheme' })),
    type: fc.option(fc.constantFrom('text/plain', 'image/svg+xml', 'Application/Octet-Stream', 'x')),
  })
  .map(({ name, filename, type }) => {
    const file = filename === null ? '' : `; filename="${filename}"`
    return `Content-Disposition: form-data; name="${name}"${file}\r\n${type === null ? '' : `Content-Type: ${type}\r\n`}`
  })
const block = fc.oneof(
  usual,
  fc.array(piece, { maxLength: 14 }).map(pieces => pieces.join('')),
  fc.tuple(usual, fc.nat(200), piece).map(([text, at, more]) => text.slice(0, at) + more + text.slice(at)),
)

test('whatever the short way reads, the long way reads alike', () => {
  let read = 0
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), texts => {
      const reader = new UsualHeadReader(defaultMultipartLimits, decodeUtf8)
      for (const text of texts) {
        const bytes = encoder.encode(text)
        const short = shortWay(reader, bytes)
        if (!short) continue
        read++
        expect(plain(short)).toEqual(plain(longWay(bytes)))
      }
    }),
    { numRuns: 10_000 },
  )
  // Some 5,000 of 25,000 are usual ones; fewer than half of that would mean that the test has lost its subject.
  expect(read).toBeGreaterThan(2_500)
})

test('bytes that are no UTF-8 become the same text', () => {
  const strict = new TextDecoder('utf-8', { ignoreBOM: true })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      expect(decodeUtf8(bytes)).toBe(strict.decode(bytes))
    }),
    { numRuns: 20_000 },
  )
})

describe('what the short way reads', () => {
  const heads = {
    'a field': 'form-data; name="a"\r\n',
    'a file': 'form-data; name="a"; filename="b.txt"\r\n',
    'a file with a type': 'form-data; name="a"; filename="b.txt"\r\nContent-Type: text/plain\r\n',
    'a field with a type': 'form-data; name="a"\r\nContent-Type: text/plain\r\n',
    'no file chosen': 'form-data; name="a"; filename=""\r\nContent-Type: application/octet-stream\r\n',
    'a name that is not ASCII': 'form-data; name="Ü"; filename="日本語 😀.txt"\r\nContent-Type: image/png\r\n',
    'a long name': `form-data; name="a"; filename="${'long '.repeat(50)}"\r\nContent-Type: image/png\r\n`,
    'a long name that is not ASCII': `form-data; name="a"; filename="${'ä'.repeat(50)}"\r\nContent-Type: image/png\r\n`,
  }
  const blocks = Object.entries(heads).map(
    ([what, text]) => [what, encoder.encode(`Content-Disposition: ${text}`)] as const,
  )

  test.each(blocks)('%s', (_what, bytes) => {
    const reader = new UsualHeadReader(defaultMultipartLimits, decodeUtf8)
    const long = plain(longWay(bytes))
    expect(long).toBeDefined()
    for (let time = 0; time < 2; time++) expect(plain(shortWay(reader, bytes))).toEqual(long)
  })

  test('any of them after any other', () => {
    const reader = new UsualHeadReader(defaultMultipartLimits, decodeUtf8)
    for (const [, first] of blocks) {
      for (const [, second] of blocks) {
        shortWay(reader, first)
        expect(plain(shortWay(reader, second))).toEqual(plain(longWay(second)))
      }
    }
  })

  test('a type is remembered by its bytes, not by a view of a chunk that may change', () => {
    const reader = new UsualHeadReader(defaultMultipartLimits, decodeUtf8)
    const head = (type: string) =>
      encoder.encode(`Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: ${type}\r\n\r\n`)
    const chunk = head('text/aaa')
    expect(reader.read({ chunk, position: 0 })?.type).toBe('text/aaa')
    chunk.set(head('text/bbb'))
    expect(reader.read({ chunk, position: 0 })?.type).toBe('text/bbb')
    expect(reader.read({ chunk: head('text/aaa'), position: 0 })?.type).toBe('text/aaa')
  })

  test('nothing where the head is cut, too long for the limit, or may have one line only', () => {
    const text = 'Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: text/plain\r\n\r\n'
    const chunk = encoder.encode(text)
    const read = (limits: object, bytes = chunk) =>
      new UsualHeadReader({ ...defaultMultipartLimits, ...limits }, decodeUtf8).read({ chunk: bytes, position: 0 })
    for (let cut = 0; cut < chunk.length; cut++) {
      expect(read({}, chunk.subarray(0, cut))).toBeUndefined()
      expect(read({ maxHeaderSize: cut - 2 })).toBeUndefined()
    }
    expect(read({ maxHeaderSize: chunk.length - 2 })).toBeDefined()
    expect(read({ maxHeaders: 1 })).toBeUndefined()
    expect(read({ maxHeaders: 2 })).toBeDefined()
  })
})
