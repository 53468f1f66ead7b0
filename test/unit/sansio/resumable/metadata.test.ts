/** Row 70 of the threats, and the cases OPT-META of the public conformance suite. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMetadata, parseMetadata } from '../../../../src/sansio/resumable/metadata.ts'
import { refusal } from './fixture.ts'

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
const refused = '400 Invalid upload metadata.'

describe('upload metadata', () => {
  it.each([
    [null, {}],
    ['', {}],
    ['filename YS50eHQ=', { filename: 'a.txt' }],
    ['filename YS50eHQ=,is_confidential', { filename: 'a.txt', is_confidential: '' }],
    ['filename YS50eHQ=, is_confidential', { filename: 'a.txt', is_confidential: '' }],
    ['secret ,filename YS50eHQ=', { secret: '', filename: 'a.txt' }],
    [`name ${base64('ü😀.png')}`, { name: 'ü😀.png' }],
    [`name ${base64('a, b; c="d"')}`, { name: 'a, b; c="d"' }],
    ['__proto__ YQ==,constructor Yg==', { ['__proto__']: 'a', constructor: 'b' }],
    [`bom ${base64('\ufeffa')}`, { bom: '\ufeffa' }],
    [`caption ${base64('two\r\nlines,\tone tab')}`, { caption: 'two\r\nlines,\tone tab' }],
    [`replacement ${base64('\ufffd')}`, { replacement: '\ufffd' }],
  ] as [string | null, Record<string, string>][])('reads %j', (field, expected) => {
    expect([...parseMetadata(field)]).toEqual(Object.entries(expected))
  })

  it.each([
    ['base64 without its padding', 'filename YS50eHQ'],
    ['base64 with too much padding', 'filename YS50eHQ=='],
    ['base64 for URLs', 'filename __4='],
    ['letters that are not base64', 'filename !!!!'],
    ['padding in the middle', 'filename YQ==YQ=='],
    ['bits that stand for nothing', 'filename YR=='],
    ['a second space', 'filename  YQ=='],
    ['a value of two words', 'filename YQ== YQ=='],
    ['a tab for the space', 'filename\tYQ=='],
    ['a key twice', 'a YQ==,a Yg=='],
    ['a key twice without values', 'a,a'],
    ['an empty pair', 'a YQ==,,b Yg=='],
    ['a comma at the end', 'a YQ==,'],
    ['only a comma', ','],
    ['a key outside ASCII', 'schlüssel YQ=='],
    ['a control byte in a key', 'a\x01b YQ=='],
    ['NUL in a value', `filename ${base64('a\0b')}`],
    ['NUL in any value', `caption ${base64('a\0b')}`],
    ['ESC in any value', `caption ${base64('a\x1b[2J')}`],
    ['a line break in a type', `filetype ${base64('text/plain\n')}`],
    ['a tab in a name', `name ${base64('a\tb')}`],
    ['a line break in a name', `filename ${base64('a\r\nSet-Cookie: x=1')}`],
    ['DEL in a value', `filename ${base64('a\x7f')}`],
    ['bytes that are not UTF-8', `filename ${base64(Uint8Array.of(0x61, 0xff))}`],
    ['an overlong slash', `filename ${base64(Uint8Array.of(0xc0, 0xaf))}`],
    ['a surrogate in UTF-8', `filename ${base64(Uint8Array.of(0xed, 0xa0, 0x80))}`],
    ['more than 8 KiB', `a ${'A'.repeat(8192)}`],
  ])('refuses %s', (_what, field) => {
    expect(refusal(() => parseMetadata(field))).toBe(refused)
  })

  it('reads 8 KiB, and no more', () => {
    const value = base64('x'.repeat(6141))
    expect(parseMetadata(`abc ${value}`).get('abc')).toHaveLength(6141)
    expect(refusal(() => parseMetadata(`abcd ${value}`))).toBe(refused)
  })

  it('gives back what it was given', () => {
    const key = fc.stringMatching(/^[!-+\--~]{1,20}$/)
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter(text => !/[\x00-\x1f\x7f]/.test(text))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 }), pairs => {
        const field = formatMetadata(new Map(pairs))
        expect([...parseMetadata(field)]).toEqual(pairs)
        expect(field).toMatch(/^[!-~ ]*$/)
      }),
    )
  })

  it('reads or refuses anything, and never throws anything else', () => {
    const latin = fc.uint8Array({ maxLength: 40 }).map(bytes => String.fromCharCode(...bytes))
    fc.assert(fc.property(latin, text => void refusal(() => parseMetadata(text))))
  })
})
