/** Code units are turned into text in slices: an argument list has a limit. */
const sliceLength = 4096

/**
 * UTF-8 to text, bad bytes to U+FFFD, exactly as `new TextDecoder('utf-8', { ignoreBOM: true })` does it: one
 * replacement per maximal subpart; overlong forms, surrogates and code points past U+10FFFF are bad; a byte order
 * mark is kept. For runtimes without a native decoder.
 *
 * Source: WHATWG Encoding, "UTF-8 decoder".
 *
 * @example decodeUtf8(Uint8Array.of(0xc3, 0xa4)) // 'ä'
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  let units: number[] = []
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i++] as number
    if (lead < 0x80) {
      units.push(lead)
    } else {
      const more = continuations(lead)
      let point = more === 0 ? 0xfffd : lead & (0x3f >> more)
      for (let n = 0; n < more; n++) {
        const next = bytes[i]
        if (next === undefined || !continues(lead, n, next)) {
          point = 0xfffd
          break
        }
        point = (point << 6) | (next & 0x3f)
        i++
      }
      if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff))
      else units.push(point)
    }
    if (units.length >= sliceLength) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}

/**
 * Bytes of `text` in UTF-8. A lone surrogate counts as U+FFFD (3 bytes), as an encoder writes it.
 *
 * @example utf8Length('ä') // 2
 */
export function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      length += 4
      i++
    } else length += 3
  }
  return length
}

/** How many bytes follow a lead byte; 0 for a byte that can not lead. */
function continuations(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 1
  if (lead >= 0xe0 && lead <= 0xef) return 2
  if (lead >= 0xf0 && lead <= 0xf4) return 3
  return 0
}

/** Whether `byte` may be the continuation number `n` after `lead`: the first one excludes overlongs and surrogates. */
function continues(lead: number, n: number, byte: number): boolean {
  if (n === 0) {
    if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf
    if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f
    if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf
    if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f
  }
  return byte >= 0x80 && byte <= 0xbf
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/**
 * Text to UTF-8; lone surrogates become U+FFFD, as in `TextEncoder`.
 * @example encodeUtf8('ä') // Uint8Array [0xc3, 0xa4]
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  let at = 0
  const put = (lead: number, value: number, following: number) => {
    bytes[at++] = lead | (value >> (6 * following))
    for (let i = following - 1; i >= 0; i--) bytes[at++] = 0x80 | ((value >> (6 * i)) & 0x3f)
  }
  for (const character of text) {
    const code = character.codePointAt(0) as number
    const value = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
    if (value < 0x80) bytes[at++] = value
    else if (value < 0x800) put(0xc0, value, 1)
    else if (value < 0x10000) put(0xe0, value, 2)
    else put(0xf0, value, 3)
  }
  return bytes
}
