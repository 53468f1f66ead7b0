/** A header value such as `form-data; name="a"`, taken apart. */
export interface ParameterizedValue {
  /** What stands before the first `;`, in lower case, e.g. `multipart/form-data`. */
  readonly value: string
  /** The parameters by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Takes a header value with parameters apart, in one pass from left to right.
 *
 * A parameter's value is a quoted string, in which `\"` is a quote and every other backslash is itself (browsers send
 * backslashes as they are), or a run of characters without space, `;` and `"`. Empty parameters (`;;`) are skipped.
 *
 * @returns undefined when the value is malformed: a parameter given twice, without `=`, with an unclosed quote, or
 * with something between its value and the next `;`
 * @example parseParameters('form-data; name="a"')?.parameters.get('name') // 'a'
 * Source: RFC 9110 section 5.6.6; RFC 7578 section 4.2; WHATWG HTML "multipart/form-data encoding algorithm".
 */
export function parseParameters(text: string): ParameterizedValue | undefined {
  const semicolon = text.indexOf(';')
  const parameters = new Map<string, string>()
  const value = trimSpace(semicolon < 0 ? text : text.slice(0, semicolon)).toLowerCase()
  const lastQuote = text.lastIndexOf('"')
  let i = semicolon < 0 ? text.length : semicolon
  while (i < text.length) {
    // Here text[i] is a `;`.
    i = skipSpace(text, i + 1)
    if (i >= text.length || text[i] === ';') continue
    const nameStart = i
    while (isTokenCode(text.charCodeAt(i))) i++
    const name = text.slice(nameStart, i).toLowerCase()
    if (name === '' || text[i] !== '=' || parameters.has(name)) return undefined
    const start = i + 1
    const quoted = text[start] === '"'
    i = quoted ? quotedEnd(text, start, lastQuote) : bareEnd(text, start)
    if (i < 0) return undefined
    parameters.set(name, quoted ? unquote(text.slice(start + 1, i - 1)) : text.slice(start, i))
    i = skipSpace(text, i)
    if (i < text.length && text[i] !== ';') return undefined
  }
  return { value, parameters }
}

/**
 * Whether `code` may stand in a token, e.g. a header's name (RFC 9110 section 5.6.2). False for NaN.
 *
 * @param code a UTF-16 code unit
 */
export function isTokenCode(code: number): boolean {
  return code < 128 && tokenCodes[code] === 1
}

/** `text` without spaces and tabs at both ends. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0)
  let end = text.length
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const tokenCodes = new Uint8Array(128)
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  tokenCodes[char.charCodeAt(0)] = 1
}

/** Index after the closing quote of the string that opens at `start`, or -1. */
function quotedEnd(text: string, start: number, lastQuote: number): number {
  for (let i = text.indexOf('"', start + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    // A name that ends in a backslash, `"C:\"`: the last quote of all can only be the closing one.
    if (text[i - 1] !== '\\' || i === lastQuote) return i + 1
  }
  return -1
}

function bareEnd(text: string, start: number): number {
  let i = start
  while (i < text.length && text[i] !== ';' && !isSpace(text.charCodeAt(i))) {
    if (text[i] === '"') return -1
    i++
  }
  return i
}

function unquote(text: string): string {
  return text.includes('\\"') ? text.replaceAll('\\"', '"') : text
}

function skipSpace(text: string, from: number): number {
  let i = from
  while (isSpace(text.charCodeAt(i))) i++
  return i
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
