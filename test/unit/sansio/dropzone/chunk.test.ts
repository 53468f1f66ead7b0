/** Rows 65, 66 and 68 of the threats. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Chunk, fitsChunk, leastSize, parseChunk, sameFile } from '../../../../src/sansio/dropzone/chunk.ts'
import { hostileIntegers, refusal } from '../resumable/fixture.ts'

const good = {
  dzuuid: '0f9b3c1e-5d2a-4c1b-9e8f-0123456789ab',
  dzchunkindex: '1',
  dztotalfilesize: '10',
  dzchunksize: '4',
  dztotalchunkcount: '3',
  dzchunkbyteoffset: '4',
}
const parse = (fields: Record<string, string>) => parseChunk(new Map(Object.entries(fields)))
const refused = '400 Invalid chunk information.'

const chunk = (facts: Partial<Chunk> = {}): Chunk => ({
  uuid: good.dzuuid,
  index: 1,
  offset: 4,
  chunkSize: 4,
  count: 3,
  totalSize: 10,
  ...facts,
})

describe('the chunk fields of Dropzone', () => {
  it('are not there in a form without chunks', () => {
    expect(parse({})).toBeUndefined()
    expect(parse({ title: 'Holidays', dz: '1' })).toBeUndefined()
  })

  it('are read', () => {
    expect(parse(good)).toEqual(chunk())
  })

  it('are believed of the first, the last, the only, an empty and a resized file', () => {
    expect(parse({ ...good, dzchunkindex: '0', dzchunkbyteoffset: '0' })).toMatchObject({ index: 0, offset: 0 })
    expect(parse({ ...good, dzchunkindex: '2', dzchunkbyteoffset: '8' })).toMatchObject({ index: 2, offset: 8 })
    const only = { ...good, dzchunkindex: '0', dzchunkbyteoffset: '0', dztotalchunkcount: '1' }
    expect(parse(only)).toMatchObject({ count: 1 })
    expect(parse({ ...only, dztotalfilesize: '0' })).toMatchObject({ totalSize: 0 })
    // A picture made smaller: the size is the original's, the count that of what is sent.
    expect(parse({ ...good, dztotalfilesize: '5000000' })).toMatchObject({ count: 3, totalSize: 5_000_000 })
  })

  it.each(Object.keys(good))('are refused without %s', name => {
    const { [name as keyof typeof good]: _gone, ...rest } = good
    expect(refusal(() => parse(rest))).toBe(refused)
  })

  it.each(
    ['dzchunkindex', 'dztotalfilesize', 'dzchunksize', 'dztotalchunkcount', 'dzchunkbyteoffset'].flatMap(name =>
      hostileIntegers.map(text => [name, text] as const),
    ),
  )('are refused with %s %j', (name, text) => {
    expect(refusal(() => parse({ ...good, [name]: text }))).toBe(refused)
  })

  it.each([
    ['no chunk at all', { dztotalchunkcount: '0', dzchunkindex: '0', dzchunkbyteoffset: '0' }],
    ['the first chunk after the last', { dzchunkindex: '3', dzchunkbyteoffset: '12' }],
    ['an index of 2^31', { dzchunkindex: '2147483648', dzchunkbyteoffset: '8589934592' }],
    ['an offset that is not the index times the size', { dzchunkbyteoffset: '5' }],
    ['an offset of 1 TiB', { dzchunkbyteoffset: '1099511627776' }],
    ['chunks of no bytes', { dzchunksize: '0', dzchunkbyteoffset: '0' }],
    ['a total of 8 EiB', { dztotalfilesize: '9223372036854775808' }],
    [
      'more bytes than can be counted',
      { dzchunksize: '9007199254740991', dztotalchunkcount: '2', dzchunkbyteoffset: '9007199254740991' },
    ],
    ['a million chunks and one', { dztotalchunkcount: '1000001' }],
  ])('are refused with %s', (_what, lies) => {
    expect(refusal(() => parse({ ...good, ...lies }))).toBe(refused)
  })

  it.each([
    '',
    '../x',
    '../../../../etc/passwd',
    `${good.dzuuid}/..`,
    `${good.dzuuid}\n`,
    `${good.dzuuid}\0`,
    good.dzuuid.replaceAll('-', ''),
    `{${good.dzuuid}}`,
    good.dzuuid.replace('0', 'g'),
    '__proto__',
    'x'.repeat(100_000),
  ])('are refused with the uuid %j', dzuuid => {
    expect(refusal(() => parse({ ...good, dzuuid }))).toBe(refused)
  })

  it('take a uuid in capitals for the same', () => {
    expect(parse({ ...good, dzuuid: good.dzuuid.toUpperCase() })?.uuid).toBe(good.dzuuid)
  })

  it('are right for every chunk an honest client cuts, and wrong when one of them is changed', () => {
    const cut = fc.tuple(fc.nat(100_000), fc.integer({ min: 1, max: 5000 })).chain(([size, chunkSize]) => {
      const count = Math.max(1, Math.ceil(size / chunkSize))
      return fc.record({ size: fc.constant(size), chunkSize: fc.constant(chunkSize), index: fc.nat(count - 1) })
    })
    fc.assert(
      fc.property(cut, fc.integer({ min: 1, max: 9 }), ({ size, chunkSize, index }, step) => {
        const count = Math.max(1, Math.ceil(size / chunkSize))
        const fields = {
          dzuuid: good.dzuuid,
          dzchunkindex: String(index),
          dztotalfilesize: String(size),
          dzchunksize: String(chunkSize),
          dztotalchunkcount: String(count),
          dzchunkbyteoffset: String(index * chunkSize),
        }
        const read = parse(fields) as Chunk
        const sent = Math.min(chunkSize, size - index * chunkSize)
        expect(fitsChunk(read, sent)).toBe(true)
        expect(fitsChunk(read, chunkSize + 1)).toBe(false)
        expect(leastSize(read)).toBeLessThanOrEqual(size)
        expect(refusal(() => parse({ ...fields, dzchunkbyteoffset: String(read.offset + step) }))).toBe(refused)
        expect(refusal(() => parse({ ...fields, dztotalchunkcount: String(index) }))).toBe(refused)
      }),
    )
  })
})

describe('a chunk', () => {
  it.each([
    [chunk(), 4, true],
    [chunk(), 3, false],
    [chunk(), 0, false],
    [chunk(), 5, false],
    [chunk({ index: 2, offset: 8 }), 4, true],
    [chunk({ index: 2, offset: 8 }), 1, true],
    [chunk({ index: 2, offset: 8 }), 0, false],
    [chunk({ index: 2, offset: 8 }), 5, false],
    [chunk({ index: 0, offset: 0, count: 1 }), 0, true],
    [chunk({ index: 0, offset: 0, count: 1 }), 4, true],
  ])('%j may have %d bytes: %s', (of, size, fits) => {
    expect(fitsChunk(of, size)).toBe(fits)
  })

  it('tells the fewest bytes its file can have', () => {
    expect(leastSize(chunk())).toBe(9)
    expect(leastSize(chunk({ count: 1 }))).toBe(0)
  })

  it.each([{ chunkSize: 5 }, { count: 4 }, { totalSize: 11 }, { uuid: 'other' }])(
    'is not of the same file with %j',
    lie => {
      expect(sameFile(chunk(), chunk({ index: 2, offset: 8 }))).toBe(true)
      expect(sameFile(chunk(), chunk(lie))).toBe(false)
    },
  )
})
