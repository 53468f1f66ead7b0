/** RFC 9651: what uploads need of it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBoolean,
  formatBytes,
  formatDictionary,
  parseBoolean,
  parseDictionary,
  parseItem,
  parseNonNegativeInteger,
} from '../../../../src/sansio/headers/structured.ts'

describe('an integer field', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['042', 42],
    ['-0', -0],
    ['  42  ', 42],
    ['42;a', 42],
    ['42;a=1; b="x;y";c=:AA==:;*=tok', 42],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %j', (field, value) => {
    expect(parseNonNegativeInteger(field)).toBe(value)
  })

  it.each([
    null,
    '',
    '-1',
    '+5',
    '5.0',
    '5.',
    '1e1',
    '0x10',
    '1 0',
    '1, 1',
    '1,',
    '--1',
    '1000000000000000',
    '9223372036854775808',
    '?1',
    '"1"',
    'one',
    ':AQ==:',
    '@1',
    '1;',
    '1;A',
    '1;a=',
    '1 ;a',
    '(1)',
    '٥',
  ])('ignores %j', field => {
    expect(parseNonNegativeInteger(field)).toBeUndefined()
  })
})

describe('a boolean field', () => {
  it.each([
    ['?1', true],
    ['?0', false],
    [' ?1;reason=done ', true],
  ])('reads %j', (field, value) => {
    expect(parseBoolean(field)).toBe(value)
  })

  it.each([null, '', '1', '0', 'true', '?', '?2', '?10', '?T', '? 1', '?1, ?1', '?1 ?1', '"?1"'])(
    'ignores %j',
    field => {
      expect(parseBoolean(field)).toBeUndefined()
    },
  )
})

describe('an item', () => {
  it.each([
    ['-15', { type: 'integer', value: -15 }],
    ['4.5', { type: 'decimal', value: 4.5 }],
    ['-123456789012.125', { type: 'decimal', value: -123_456_789_012.125 }],
    ['@1659578233', { type: 'date', value: 1_659_578_233 }],
    ['"a \\"b\\" \\\\"', { type: 'string', value: 'a "b" \\' }],
    ['foo123/456', { type: 'token', value: 'foo123/456' }],
    ['*a:b', { type: 'token', value: '*a:b' }],
    ['::', { type: 'bytes', value: new Uint8Array() }],
    [':AQI=:', { type: 'bytes', value: Uint8Array.of(1, 2) }],
    [':AQI:', { type: 'bytes', value: Uint8Array.of(1, 2) }],
  ])('reads %j', (field, item) => {
    expect(parseItem(field)).toEqual(item)
  })

  it.each([
    '1234567890123.5',
    '1.2345',
    '@1.5',
    '"open',
    '"bad \\escape"',
    '"ü"',
    '"a\tb"',
    ':AQI=',
    ':A:',
    ':AQ I=:',
    ':-_==:',
    '1a',
    '!a',
  ])('ignores %j', field => {
    expect(parseItem(field)).toBeUndefined()
  })
})

describe('a dictionary', () => {
  const read = (field: string) => {
    const dictionary = parseDictionary(field)
    return dictionary && Object.fromEntries([...dictionary].map(([key, { value }]) => [key, value]))
  }

  it.each([
    ['', {}],
    ['a=1', { a: 1 }],
    ['a=1, b=2', { a: 1, b: 2 }],
    ['a=1 \t,\t b=2', { a: 1, b: 2 }],
    ['a=1,b', { a: 1, b: true }],
    ['a;x=1, b=?0', { a: true, b: false }],
    ['sha-256=:AQI=:, unixsum=3', { 'sha-256': Uint8Array.of(1, 2), unixsum: 3 }],
    ['a=1, a=2', { a: 2 }],
    ['a="x, y", b=t', { a: 'x, y', b: 't' }],
    ['*k_1.-*=1', { '*k_1.-*': 1 }],
  ])('reads %j', (field, members) => {
    expect(read(field)).toEqual(members)
  })

  it('keeps the order of last mention', () => {
    expect([...(parseDictionary('a=1, b=2, a=3') ?? [])].map(([key]) => key)).toEqual(['b', 'a'])
  })

  it.each(['a=', 'a =1', 'a= 1', 'A=1', '1=1', 'a=1,', 'a=1, ', ',a=1', 'a=1,,b', 'a=1 b=2', 'a=1;', 'a==1', 'a=ü'])(
    'ignores %j',
    field => {
      expect(parseDictionary(field)).toBeUndefined()
    },
  )

  it('is not there when the field is not there', () => {
    expect(parseDictionary(null)).toBeUndefined()
  })

  it('has no trouble with the names of objects', () => {
    expect(parseDictionary('constructor=1')?.get('constructor')).toEqual({ type: 'integer', value: 1 })
    expect(parseDictionary('a=1')?.get('constructor')).toBeUndefined()
  })

  it('reads back what was written', () => {
    const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,10}$/)
    const value = fc.oneof(fc.nat(), fc.uint8Array({ maxLength: 70 }))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), members => {
        const parsed = parseDictionary(formatDictionary(members))
        expect([...(parsed ?? [])].map(([name, item]) => [name, item.value])).toEqual(members)
      }),
    )
  })
})

it('writes booleans and bytes', () => {
  expect([formatBoolean(true), formatBoolean(false)]).toEqual(['?1', '?0'])
  expect(formatBytes(Uint8Array.of(255))).toBe(':/w==:')
})

it('reads or ignores anything, and never throws', () => {
  const letters = fc.constantFrom(...'ab=1;,?0:"\\ \t@.-*()AQ%ü')
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 30 }), text => {
      parseItem(text)
      parseDictionary(text)
    }),
    { numRuns: 2000 },
  )
})

it.each([' ', ';a', '"', ':', '1', 'a=1,', '\\"', ';a=1'])('spends no more than linear time on many %j', piece => {
  const field = `a=1${piece.repeat(100_000)}!`
  const started = performance.now()
  expect([parseItem(field), parseDictionary(field)]).toEqual([undefined, undefined])
  expect(performance.now() - started).toBeLessThan(500)
})
