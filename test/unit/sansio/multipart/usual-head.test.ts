/** The short way of the common heads must be the long way, only shorter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeadReader } from '../../../../src/sansio/multipart/head-reader.ts'
import { defaultMultipartLimits } from '../../../../src/sansio/multipart/limits.ts'
import { type PartHead, parsePartHead, parseUsualHead } from '../../../../src/sansio/multipart/part-head.ts'
import { nativeMultipartTools } from '../../../../src/upload/native-tools.ts'

const encoder = new TextEncoder()
const { decodeUtf8 } = nativeMultipartTools
const delimiter = '--boundary'

/** As the parser goes when nothing is usual. */
function longWay(block: Uint8Array): PartHead | 'refused' {
  const bytes = new Uint8Array([...block, 13, 10])
  try {
    const read = new HeadReader(defaultMultipartLimits).read({ chunk: bytes, position: 0 })
    return read ? parsePartHead(read, delimiter, decodeUtf8) : 'refused'
  } catch {
    return 'refused'
  }
}

const plain = ({ name, filename, type, headers }: PartHead) => ({ name, filename, type, headers: [...headers] })

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
    fc.property(block, text => {
      const bytes = encoder.encode(text)
      const short = parseUsualHead(bytes, decodeUtf8)
      if (!short) return
      read++
      const long = longWay(bytes)
      expect(long).not.toBe('refused')
      expect(plain(short)).toEqual(plain(long as PartHead))
    }),
    { numRuns: 20_000 },
  )
  expect(read).toBeGreaterThan(1_000)
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

describe('a look ahead', () => {
  const head = 'Content-Disposition: form-data; name="a"\r\n\r\n'
  const limits = { ...defaultMultipartLimits }

  test('finds the end of the block wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', 'bcd'), { maxLength: 30 }), pieces => {
        const text = pieces.join('')
        const end = text.indexOf('\r\n\r\n')
        const found = new HeadReader(limits).peek({ chunk: encoder.encode(text), position: 0 })
        expect(found?.length).toBe(end < 0 ? undefined : end + 2)
      }),
      { numRuns: 20_000 },
    )
  })

  test('sees nothing where the block is cut, too long for the limit, or may have one line only', () => {
    const chunk = encoder.encode(head)
    expect(new HeadReader(limits).peek({ chunk: chunk.subarray(0, -1), position: 0 })).toBeUndefined()
    const block = head.length - 2
    expect(new HeadReader({ ...limits, maxHeaderSize: block }).peek({ chunk, position: 0 })).toHaveLength(block)
    expect(new HeadReader({ ...limits, maxHeaderSize: block - 1 }).peek({ chunk, position: 0 })).toBeUndefined()
    expect(new HeadReader({ ...limits, maxHeaders: 1 }).peek({ chunk, position: 0 })).toBeUndefined()
  })
})
