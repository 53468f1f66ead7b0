import { describe, expect, it, test } from 'vitest'
import { typesByExtension } from '../../../../src/sansio/policy/types.ts'
import { agrees, sniff } from '../../../../src/sansio/sniff/sniff.ts'
import { signatures } from '../../../../src/sansio/sniff/table.ts'
import { heads, zipEntry } from './heads.ts'
import { polyglots } from './polyglots.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const typeOf = (head: string | Uint8Array) => sniff(typeof head === 'string' ? bytes(head) : head)?.type

describe('sniff', () => {
  test.each(heads)('%s: %s', (extension, type, head) => {
    const found = sniff(head)
    expect(found?.type).toBe(type)
    expect(agrees('', extension, found)).toBe(true)
    for (const declared of typesByExtension.get(extension) ?? []) expect(agrees(declared, extension, found)).toBe(true)
  })

  it('has an example of every row of the table, of which there are at least 60', () => {
    const seen = new Set(heads.map(([, type]) => type))
    expect(signatures.map(([type]) => type).filter(type => !seen.has(type))).toEqual([])
    expect(signatures.length).toBeGreaterThanOrEqual(60)
  })

  it('needs no more than 4 KiB, and never throws on less', () => {
    for (const [, type, head] of heads) {
      const long = new Uint8Array(20_000)
      long.set(head)
      // Zeros after text make it no text any more, and a page is one all the same.
      if (!type.startsWith('text/plain')) expect(sniff(long)).toEqual(sniff(long.subarray(0, 4096)))
      for (let length = 0; length < head.length; length++) sniff(head.subarray(0, length))
    }
    expect(sniff(new Uint8Array())).toBeUndefined()
  })

  it('knows nothing of bytes that mean nothing', () => {
    expect(sniff(Uint8Array.of(1, 2, 3, 4, 0, 200))).toBeUndefined()
    expect(typeOf('\x00\x00\x00\x00\x00')).toBeUndefined()
    expect(typeOf('\xFF\xFE\x12\xDC\x34\xD8\x56\x20')).toBeUndefined()
  })

  it.each([
    ['MZ is how this sentence begins', 'text/plain'],
    ['BM, CWS and ID3 are letters', 'text/plain'],
    ['ID3 tags explained', 'text/plain'],
    ['OTTO walked', 'text/plain'],
    ['#![allow(dead_code)]\nfn main() {}', 'text/plain'],
    ['#EXTM3U\n', 'text/plain'],
    ['# a heading', 'text/plain'],
    ['<ada@example.org> wrote:', 'text/plain'],
    ['<stdio.h>', 'text/plain'],
    ['<x', 'text/plain'],
    ['a <script>alert(1)</script>', 'text/plain'],
    ['this PDF begins with %PDF-1.4', 'text/plain'],
  ])('takes %j for text', (text, type) => expect(typeOf(text)).toBe(type))
})

describe('markup is found wherever it hides', () => {
  it.each([
    ['   \r\n\t <html>', 'text/html'],
    ['\xEF\xBB\xBF<script>alert(1)</script>', 'text/html'],
    ['<!-- a --><!-- b -->\n<script>', 'text/html'],
    ['<!--><script>alert(1)</script>-->', 'text/html'],
    ['<!-- a --!><script>', 'text/html'],
    [`<!--${'x'.repeat(5000)}--><script>`, 'text/html'],
    ['<ScRiPt src=x>', 'text/html'],
    ['<img src=x onerror=alert(1)>', 'text/html'],
    ['<a\nhref="javascript:x">', 'text/html'],
    ['<!doctype HTML>', 'text/html'],
    ['<body/onload=alert(1)>', 'text/html'],
    ['<!-- only a comment -->', 'text/html'],
    ['\xEF\xBB\xBF<?xml version="1.0"?><svg onload="alert(1)"/>', 'image/svg+xml'],
    ['<!-- c --><svg>', 'image/svg+xml'],
    ['<x:svg xmlns:x="http://www.w3.org/2000/svg">', 'image/svg+xml'],
    ['<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', 'image/svg+xml'],
    ['<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "<svg/>">]><x>&a;</x>', 'application/x-active-xml'],
    [
      '<?xml version="1.0"?><r><h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script></r>',
      'application/x-active-xml',
    ],
    [`<?xml version="1.0"?><!--${'x'.repeat(5000)}--><svg/>`, 'application/x-active-xml'],
    ['<?xml version="1.0"', 'application/x-active-xml'],
    ['<?xml version="1.0"?><p>a paragraph of some other language</p>', 'application/xml'],
  ])('%j', (text, type) => expect(typeOf(text)).toBe(type))

  it('in UTF-16, with and without a mark', () => {
    for (const mark of ['\uFEFF', '']) {
      expect(typeOf(Buffer.from(`${mark}<script>alert(1)</script>`, 'utf16le'))).toBe('text/html')
      expect(typeOf(Buffer.from(`${mark}<svg onload="x"/>`, 'utf16le').swap16())).toBe('image/svg+xml')
    }
  })
})

describe('polyglots', () => {
  it('are at least twelve', () => expect(polyglots.length).toBeGreaterThanOrEqual(12))

  test.each(polyglots)('$name: is $type, and no other thing', ({ head, type, not }) => {
    const found = sniff(head)
    expect(found?.type).toBe(type)
    for (const extension of not) expect([extension, agrees('', extension, found)]).toEqual([extension, false])
  })
})

describe('agrees', () => {
  const png = sniff(heads[0]?.[2] as Uint8Array)

  it('asks each claim', () => {
    expect(agrees('image/png', '.png', png)).toBe(true)
    expect(agrees('', '.png', png)).toBe(true)
    expect(agrees('image/png', '', png)).toBe(true)
    expect(agrees('application/octet-stream', '.png', png)).toBe(true)
    expect(agrees('image/jpeg', '.png', png)).toBe(false)
    expect(agrees('image/png', '.jpg', png)).toBe(false)
    expect(agrees('text/html', '.png', png)).toBe(false)
    expect(agrees('text/anything', '', png)).toBe(false)
    expect(agrees('image/png', '.png', undefined)).toBe(false)
  })

  it('says nothing about what it does not know', () => {
    expect(agrees('', '', png)).toBe(true)
    expect(agrees('application/x-of-ours', '.ours', undefined)).toBe(true)
    expect(agrees('video/vnd.dlna.mpeg-tts', '.png', png)).toBe(true)
  })

  it('knows other names of a type, and names that stand for several', () => {
    const text = sniff(bytes('a;b\n'))
    expect(agrees('application/vnd.ms-excel', '.csv', text)).toBe(true)
    expect(agrees('image/x-png', '', png)).toBe(true)
    expect(agrees('text/x-of-ours', '.csv', text)).toBe(true)
    expect(agrees('application/zip', '.docx', sniff(zipEntry('anything')))).toBe(true)
  })

  it('40 kinds under 40 wrong names each: none passes', () => {
    const kinds = heads
      .slice(0, 60)
      .filter(([extension], at) => heads.findIndex(([other]) => other === extension) === at)
    expect(kinds.length).toBeGreaterThanOrEqual(40)
    for (const [, type, head] of kinds) {
      const found = sniff(head)
      const wrong = kinds.filter(([other]) => !found?.extensions.includes(other))
      expect(wrong.length, type).toBeGreaterThanOrEqual(36)
      expect(wrong.filter(([other]) => agrees('', other, found))).toEqual([])
    }
  })
})
