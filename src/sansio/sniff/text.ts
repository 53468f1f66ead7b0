/** Text, and what it is the source of. */
import { latin1 } from './pattern.ts'

/** Bytes that no text has: those of WHATWG MIME Sniffing, but for backspace (manual pages) and DOS's end of file. */
const isBinary = (code: number) => code < 0x20 && ![0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b].includes(code)

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF]|$)|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** Whether the text begins with a mark of UTF-16. */
export function isMarkedUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/**
 * The first bytes as text: UTF-16 by its mark or by its zeros, everything else with one letter for each byte.
 * A mark is left out.
 */
export function decodeHead(head: Uint8Array): string {
  const [first, second, third] = head
  if (isMarkedUtf16(head)) return utf16(head, 2, first === 0xff ? 1 : 0)
  if (first === 0xef && second === 0xbb && third === 0xbf) return latin1(head, 3)
  const high = zeroHalf(head)
  return high === undefined ? latin1(head) : utf16(head, 0, high)
}

/** Where the high bytes of UTF-16 without a mark are, if most of its letters are ASCII; undefined for anything else. */
function zeroHalf(head: Uint8Array): 0 | 1 | undefined {
  const zeros: [number, number] = [0, 0]
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[(at % 2) as 0 | 1]++
  const units = head.length / 2
  if (zeros[0] === 0 && zeros[1] > units / 2) return 1
  return zeros[1] === 0 && zeros[0] > units / 2 ? 0 : undefined
}

function utf16(head: Uint8Array, from: number, high: 0 | 1): string {
  let text = ''
  for (let at = from; at + 1 < head.length; at += 2) {
    text += String.fromCharCode((head[at + high] as number) * 256 + (head[at + 1 - high] as number))
  }
  return text
}

/** Whether nothing in it says that it is no text. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isBinary(text.charCodeAt(at))) return false
  // The last letter may be half a pair because the text goes on.
  return !loneSurrogate.test(text.slice(0, -1))
}

/** A file that names its interpreter: `#!/bin/sh`. Not `#![allow]` of Rust, nor `#!AMR`. */
export function isScript(text: string): boolean {
  return /^#![ \t]*\//.test(text)
}
