import { describe, expect, it } from 'vitest'
import { type ZipLimitOptions, zipLimit } from '../../../src/inspect.ts'
import { inspected, verdictOf } from './inspected.ts'
import { zipOf } from './zips.ts'

const verdict = (bytes: Uint8Array, options: ZipLimitOptions = {}) =>
  verdictOf(zipLimit(options), inspected(bytes).file)
const kib = 1024
const mib = 1024 * kib

describe('zipLimit: honest archives', () => {
  it.each([
    [
      'a few files',
      zipOf([
        { name: 'a.txt' },
        { name: 'b/', content: Buffer.alloc(0), stored: true, mode: 0o040755 },
        { name: 'b/c.txt' },
      ]),
    ],
    ['an empty one', zipOf([])],
    ['one with a comment', zipOf([{ name: 'a.txt' }], { comment: 'made by hand' })],
    ['pictures, stored', zipOf([{ name: 'a.jpg', content: Buffer.alloc(5000, 3), stored: true }])],
    [
      'an Office file within',
      zipOf([{ name: 'a.docx', stored: true, content: zipOf([{ name: 'word/document.xml' }]) }]),
    ],
    ['9 MiB of one letter', zipOf([{ name: 'a.log', content: Buffer.alloc(9 * mib, 120) }])],
    ['names with dots', zipOf([{ name: '..a/b..c/...' }, { name: 'a..b' }])],
    ['not Unix', zipOf([{ name: 'a.txt', mode: 0 }])],
  ])('%s', async (_what, bytes) => expect(await verdict(bytes)).toBe('accepted'))

  it('other files are none of its business', async () => {
    for (const text of ['', 'PK', 'some text', '%PDF-1.4']) expect(await verdict(Buffer.from(text))).toBe('accepted')
  })
})

describe('zipLimit: bombs', () => {
  const bomb = Buffer.alloc(20 * mib)
  it.each([
    ['a ratio above 100', zipOf([{ name: 'a', content: bomb }])],
    ['too many bytes by the directory alone', zipOf([{ name: 'a', says: { expanded: 2 ** 31 } }])],
    ['an archive within', zipOf([{ name: 'b.zip', stored: true, content: zipOf([{ name: 'a' }]) }])],
    ['an archive within, under another name', zipOf([{ name: 'b.dat', content: zipOf([{ name: 'a' }]) }])],
    ['an entry that is larger than it says', zipOf([{ name: 'a', content: bomb, says: { expanded: 30_000 } }])],
    ['an entry that is smaller than it says', zipOf([{ name: 'a', says: { expanded: 8 } }])],
    ['a stored entry with two sizes', zipOf([{ name: 'a', stored: true, says: { expanded: 6 } }])],
    ['a directory with other names', zipOf([{ name: 'a', localName: 'b' }])],
    ['more compressed than it can be', zipOf([{ name: 'a', content: bomb, says: { expanded: 10 } }])],
    [
      'overlapping entries',
      zipOf([
        { name: 'a', content: Buffer.alloc(9000, 7) },
        { name: 'b', says: { offset: 0 } },
      ]),
    ],
    ['entries behind the directory', zipOf([{ name: 'a', says: { compressed: 5000, expanded: 5000 } }])],
  ])('%s', async (_what, bytes) => expect(await verdict(bytes)).toBe('archive-too-big'))

  it('the shape of 42.zip: sixteen archives of nothing but archives', async () => {
    let inner = zipOf([{ name: '0.dll', content: Buffer.alloc(mib) }])
    for (let level = 0; level < 3; level++) {
      inner = zipOf(Array.from({ length: 16 }, (_, i) => ({ name: `lib ${i}.zip`, content: inner })))
    }
    expect(await verdict(inner)).toBe('archive-too-big')
    expect(await verdict(inner, { nested: true })).toBe('accepted')
  })

  it('10 million entries are counted, not read', async () => {
    const bytes = zipOf([{ name: 'a' }], { entries: 65_000 })
    const { file, counts } = inspected(Buffer.concat([bytes.subarray(0, -22), bytes.subarray(-22)]))
    expect(await verdictOf(zipLimit(), file)).toBe('archive-too-big')
    expect(counts.reads).toBeLessThan(4)
  })

  it('keeps to limits of its own', async () => {
    const bytes = zipOf([{ name: 'a', content: Buffer.alloc(2000, 5) }, { name: 'b' }])
    expect(await verdict(bytes, { maxEntries: 1 })).toBe('archive-too-big')
    expect(await verdict(bytes, { maxExpanded: 2000 })).toBe('archive-too-big')
    expect(await verdict(bytes, { maxExpanded: 2007 })).toBe('accepted')
    expect(() => zipLimit({ maxRatio: -1 })).toThrow('zipLimit.maxRatio')
  })
})

describe('zipLimit: paths', () => {
  it.each([
    ['../up.txt'],
    ['a/../../up.txt'],
    ['..\\up.txt'],
    ['/etc/passwd'],
    ['\\\\server\\share'],
    ['C:\\Windows\\x'],
    ['C:x'],
    ['a\nb'],
    [''],
  ])('%j', async name => expect(await verdict(zipOf([{ name: 'fine' }, { name }]))).toBe('archive-unsafe'))

  it('links, devices, and one name twice', async () => {
    for (const mode of [0o120777, 0o020644, 0o010644]) {
      expect(await verdict(zipOf([{ name: 'a', mode }]))).toBe('archive-unsafe')
    }
    expect(await verdict(zipOf([{ name: 'a' }, { name: 'a' }]))).toBe('archive-unsafe')
  })
})

describe('zipLimit: broken archives', () => {
  const whole = zipOf([{ name: 'a.txt' }, { name: 'b.txt' }])
  it('cut, doubled or with rubbish behind: no', async () => {
    expect(await verdict(whole.subarray(0, -5))).toBe('content-mismatch')
    expect(await verdict(Buffer.concat([whole, Buffer.from('rubbish')]))).toBe('content-mismatch')
    expect(await verdict(zipOf([{ name: 'a' }], { entries: 2 }))).toBe('content-mismatch')
  })

  it('whatever is changed, there is a verdict', async () => {
    const inspector = zipLimit()
    for (let at = 4; at < whole.length; at++) {
      for (const value of [0, 0xff, 0x80]) {
        const broken = Uint8Array.from(whole)
        broken[at] = value
        expect(await verdictOf(inspector, inspected(broken).file)).toMatch(/^(accepted|content-mismatch|archive-.*)$/)
      }
    }
  })
})
