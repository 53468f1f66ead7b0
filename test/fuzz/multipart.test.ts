import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nativeMultipartTools } from '../../src/upload/native-tools.ts'
import { feed } from '../unit/sansio/multipart/feed.ts'

const boundaries = fc.constantFrom(
  'a',
  '-',
  '--',
  'aaaa',
  'boundary',
  '----WebKitFormBoundary7MA4YWxkTrZu0gW9',
  "a:b'c",
)

/** Content of the letters that delimiters are made of, and of whole needles. */
function contents(boundary: string) {
  const pieces = ['\r', '\n', '-', ' ', '\t', 'a', '\0', '\xff', '\r\n', `--${boundary}`, `\r\n--${boundary}`]
  return fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map(list => list.join(''))
}

/** Names a browser could send: no lone surrogates, and neither backslashes nor NUL, which forms can not carry. */
const names = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter(name => !/[\\\0]/.test(name) && Buffer.from(name).toString() === name)

/** As the WHATWG encoding algorithm writes it. A name with a percent escape of its own could not be told apart. */
function escaped(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}

interface Part {
  readonly name: string
  readonly filename: string | undefined
  readonly content: string
}

function encode(boundary: string, parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ name, filename, content }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`),
    Buffer.from(`${filename === undefined ? '' : `; filename="${escaped(filename)}"`}\r\n\r\n`),
    Buffer.from(`${content}\r\n`, 'latin1'),
  ])
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

/** `body` cut at the given places (taken modulo its length). */
function cutAt(body: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map(cut => cut % (body.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((place, n) => body.subarray(place, places[n] ?? body.length))
}

/** Whether the content holds a delimiter itself (also one that borrows the CRLF before it). */
function isAmbiguous(boundary: string, content: string): boolean {
  const text = `\r\n${content}\r\n`
  for (let at = text.indexOf(`\r\n--${boundary}`); at >= 0; at = text.indexOf(`\r\n--${boundary}`, at + 1)) {
    if (/^(?:--|[ \t]*\r\n)/.test(text.slice(at + boundary.length + 4))) return true
  }
  return false
}

const forms = boundaries.chain(boundary =>
  fc.record({
    boundary: fc.constant(boundary),
    parts: fc.array(
      fc.record({
        name: names,
        filename: fc.option(names, { nil: undefined }),
        content: contents(boundary).filter(content => !isAmbiguous(boundary, content)),
      }),
      { maxLength: 4 },
    ),
    cuts: fc.array(fc.nat(100_000), { maxLength: 12 }),
  }),
)

describe('any form at any chunking', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(forms, ({ boundary, parts, cuts }) => {
        const body = encode(boundary, parts)
        const expected = parts.map(({ name, filename, content }) => ({
          part: { name, filename, type: '' },
          content,
          ended: true,
        }))
        expect(feed(boundary, cutAt(body, cuts))).toEqual({ events: [...expected, 'end'] })
        expect(feed(boundary, cutAt(body, cuts), { tools: nativeMultipartTools })).toEqual({
          events: [...expected, 'end'],
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('comes to the same end when it is damaged, however it is cut', () => {
    const damage = fc.array(fc.tuple(fc.nat(100_000), fc.constantFrom(...'\r\n- ;"\0:=\\a')), { maxLength: 4 })
    fc.assert(
      fc.property(forms, damage, ({ boundary, parts, cuts }, places) => {
        const body = encode(boundary, parts)
        for (const [at, char] of places) body.write(char, at % body.length, 'latin1')
        const whole = feed(boundary, [body])
        const cut = feed(boundary, cutAt(body, cuts), { tools: nativeMultipartTools })
        expect(cut.error).toBe(whole.error)
        if (!whole.error) expect(cut).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })
})
