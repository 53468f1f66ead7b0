/** The bytes that are sent: made alike by the sender and by whoever checks what was stored. */
import { createCipheriv, createHash } from 'node:crypto'

/** As a browser makes it. */
export const browserBoundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW9'
/** The sender chooses the boundary too. */
const periodicBoundary = 'a'.repeat(70)

/** A prime: bytes that land at a wrong multiple of a power of two are other bytes. */
const blockSize = 262_139

/** Content made against parsers: what repeats, and the boundary it is sent under. */
export const hostileContents = {
  'all CR': ['\r', browserBoundary],
  CRLF: ['\r\n', browserBoundary],
  dashes: ['-', browserBoundary],
  'CRLF and dashes': [`\r\n${'-'.repeat(29)}`, browserBoundary],
  'near-boundary': [`\r\n--${browserBoundary.slice(0, -1)}!`, browserBoundary],
  'periodic boundary': ['a', periodicBoundary],
  zeros: ['\0', browserBoundary],
  'boundary and a letter': [`\r\n--${browserBoundary}!`, browserBoundary],
  'boundary but its first letter': [`\r\n--!${browserBoundary.slice(1)}`, browserBoundary],
  'boundary, padding and a letter': [`\r\n--${browserBoundary} !`, browserBoundary],
  'boundary, two spaces and a letter': [`\r\n--${browserBoundary}  !`, browserBoundary],
  'periodic boundary, one letter short': [`\r\n--${'a'.repeat(69)}`, periodicBoundary],
  'periodic boundary, shorter lines': [`\r\n--${'a'.repeat(65)}!`, periodicBoundary],
  'boundary of one letter, false': ['\r\n--a!', 'a'],
}

const blocks = new Map()

/**
 * Pieces of one file, in order.
 *
 * @param {{ kind?: string, size: number, index: number, unit?: number }} file `kind` is `random` or a hostile one;
 *   `unit` makes the repeated block a multiple of it
 * @returns {{ bytes: Buffer, times: number }[]}
 */
export function filePieces({ kind = 'random', size, index, unit = 1 }) {
  const block = blockOf(kind, unit)
  const length = block.length / 2
  // Another start for each file: a mix-up between two files is seen.
  const start = kind === 'random' && unit === 1 ? (index * 4099) % length : 0
  const turned = block.subarray(start, start + length)
  const rest = turned.subarray(0, size % length)
  return [
    { bytes: turned, times: Math.floor(size / length) },
    { bytes: rest, times: rest.length > 0 ? 1 : 0 },
  ].filter(piece => piece.times > 0)
}

/** SHA-256 of one file, in hex. */
export function expectedHash(file) {
  const hash = createHash('sha256')
  for (const { bytes, times } of filePieces(file)) for (let i = 0; i < times; i++) hash.update(bytes)
  return hash.digest('hex')
}

/** Twice the block, so that any turn of it is one slice. */
function blockOf(kind, unit) {
  const key = `${kind} ${unit}`
  let block = blocks.get(key)
  if (!block) {
    const filler = kind === 'random' ? randomBlock(unit) : repeated(hostileContents[kind][0])
    block = Buffer.concat([filler, filler])
    blocks.set(key, block)
  }
  return block
}

function randomBlock(unit) {
  const size = Math.floor(blockSize / unit) * unit
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size))
}

function repeated(text) {
  return Buffer.alloc(Math.floor(blockSize / text.length) * text.length, text, 'latin1')
}
