import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeAttribute, escapeCssString, escapeHtml, jsonForScript } from '../../../src/html/escape.ts'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '</script>',
        '<!--',
        '<script',
        '"',
        "'",
        '`',
        '${',
        '}',
        '\\',
        '\r',
        '\n',
        '\u2028',
        '\u2029',
        '&',
        '&amp;',
        ']]>',
        '</style>',
      ),
      { maxLength: 8 },
    )
    .map(parts => parts.join('')),
)

describe('jsonForScript', () => {
  it('reads back as the same value and can not end its element or line', () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, hostile), value => {
        const json = jsonForScript(value)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(json).not.toMatch(/[<>&\u2028\u2029]/)
      }),
    )
  })

  it('refuses what has no JSON', () => {
    expect(() => jsonForScript(undefined)).toThrow(TypeError)
  })
})

describe('escapeAttribute and escapeHtml', () => {
  it('read back as the same text', () => {
    fc.assert(
      fc.property(hostile, text => {
        for (const escaped of [escapeAttribute(text), escapeHtml(text)]) {
          expect(escaped).not.toMatch(/[<>"'`]/)
          expect(readBack(escaped)).toBe(text)
        }
        expect(escapeAttribute(text)).not.toMatch(/[\r\n]/)
      }),
    )
  })
})

describe('escapeCssString', () => {
  it('reads back as the same text and holds nothing but escapes, letters and digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const escaped = escapeCssString(text)
        expect(escaped).toMatch(/^(?:[A-Za-z0-9]|\\[0-9a-f]{1,6} )*$/)
        const back = escaped.replace(/\\([0-9a-f]+) /g, (_all, hex: string) =>
          String.fromCodePoint(Number.parseInt(hex, 16)),
        )
        expect(back).toBe(text.replaceAll('\0', '\ufffd'))
      }),
    )
  })
})

/** What an HTML parser makes of the references that we write. */
function readBack(html: string): string {
  return html.replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g, (_all, code?: string, name?: string) =>
    code ? String.fromCharCode(Number(code)) : { amp: '&', lt: '<', gt: '>', quot: '"' }[name as 'amp'],
  )
}
