/** Escaping, one function for each place a text can stand in. */

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/**
 * Text between tags.
 *
 * @example escapeHtml('a < b') // 'a &lt; b'
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, character => references[character] as string)
}

/**
 * Text inside a quoted attribute. CR and LF are escaped too: the HTML parser would turn CRLF into LF.
 *
 * @example `<form id="${escapeAttribute(id)}">`
 */
export function escapeAttribute(text: string): string {
  return escapeHtml(text).replace(/[\r\n]/g, character => (character === '\r' ? '&#13;' : '&#10;'))
}

/**
 * JSON inside a `<script>` element, as data or as code: `<`, `>` and `&` can not end the element or open a comment,
 * U+2028 and U+2029 can not end a line.
 *
 * @throws TypeError for values without JSON (undefined, functions, cycles)
 * @example `<script type="application/json">${jsonForScript(config)}</script>`
 */
export function jsonForScript(value: unknown): string {
  const json: string | undefined = JSON.stringify(value)
  if (json === undefined) throw new TypeError('This value can not be written as JSON.')
  return json.replace(/[<>&\u2028\u2029]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Text inside a quoted CSS string, e.g. in an attribute selector. Every character but letters and digits is a CSS
 * escape (CSS Syntax 3, 4.3.7), so neither quotes nor newlines nor `</style>` can get out.
 */
export function escapeCssString(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, character => {
    const code = character.codePointAt(0) as number
    // A lone surrogate or NUL can not be written in CSS; the parser replaces both in the page as well.
    return `\\${(code === 0 || (code >= 0xd800 && code <= 0xdfff) ? 0xfffd : code).toString(16)} `
  })
}
