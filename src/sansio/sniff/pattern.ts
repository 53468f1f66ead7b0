/** Byte patterns as the table of signatures writes them. */

/** Bytes at a place; undefined stands for any byte. */
export interface Pattern {
  readonly offset: number
  readonly bytes: readonly (number | undefined)[]
}

const token = /\s*(?:@(\d+)|"([^"]*)"|(\?\?)|([0-9A-F]{2}))/gy

/**
 * Reads a pattern.
 * @throws TypeError for what is none
 * @example parsePattern('@4 "ftyp" ?? 00') // { offset: 4, bytes: [0x66, 0x74, 0x79, 0x70, undefined, 0] }
 */
export function parsePattern(text: string): Pattern {
  let offset = 0
  let end = 0
  const bytes: (number | undefined)[] = []
  for (const [whole, place, ascii, any, hex] of text.matchAll(token)) {
    end += whole.length
    if (place !== undefined) offset = Number(place)
    else if (ascii !== undefined) for (const letter of ascii) bytes.push(letter.charCodeAt(0))
    else bytes.push(any === undefined ? Number.parseInt(hex as string, 16) : undefined)
  }
  if (end !== text.length || bytes.length === 0) throw new TypeError(`no pattern: ${text}`)
  return { offset, bytes }
}

/** Whether the bytes are there. */
export function fits({ offset, bytes }: Pattern, head: Uint8Array): boolean {
  if (head.length < offset + bytes.length) return false
  return bytes.every((byte, at) => byte === undefined || byte === head[offset + at])
}

/** The bytes as text of one letter each, for formats whose marks are ASCII. */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ''
  for (let at = from; at < Math.min(to, bytes.length); at++) text += String.fromCharCode(bytes[at] as number)
  return text
}
