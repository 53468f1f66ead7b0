/** Width and height of an image as its header says. Nothing is decoded; each format is read in a bounded number of steps. */

/** In pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
type Read = (offset: number, length: number) => Promise<Uint8Array>

/** Segments of a JPEG before its frame: metadata of 64 KiB each. */
const maxSegments = 2_000
/** Boxes of one level in a HEIC or AVIF file. */
const maxBoxes = 4_000

/**
 * Reads the size of an image.
 *
 * @param type as `sniff` says: PNG, JPEG, GIF, WebP, BMP, AVIF or HEIC
 * @param head the first bytes, 64 KiB or the whole file
 * @param read for what lies further on: a JPEG's frame stands behind its metadata
 * @returns undefined where the header does not say; of several pictures in one file, the largest sides
 */
export async function imageSize(type: string, head: Uint8Array, read: Read): Promise<ImageSize | undefined> {
  const size = await sizes[type]?.(new Bytes(head), read)
  return size && size.width > 0 && size.height > 0 ? size : undefined
}

const sizes: Readonly<
  Record<string, (head: Bytes, read: Read) => ImageSize | undefined | Promise<ImageSize | undefined>>
> = {
  'image/png': head => (head.text(12, 4) === 'IHDR' ? { width: head.u32(16), height: head.u32(20) } : undefined),
  'image/gif': head => ({ width: head.u16le(6), height: head.u16le(8) }),
  'image/bmp': bitmapSize,
  'image/webp': webpSize,
  'image/jpeg': jpegSize,
  'image/avif': (head, read) => boxSize(head, read),
  'image/heic': (head, read) => boxSize(head, read),
}

function bitmapSize(head: Bytes): ImageSize | undefined {
  if (head.u32le(14) === 12) return { width: head.u16le(18), height: head.u16le(20) }
  // A negative height stands for rows from the top.
  return { width: Math.abs(head.u32le(18) | 0), height: Math.abs(head.u32le(22) | 0) }
}

/** RFC 9649, sections 2.5 to 2.7. */
function webpSize(head: Bytes): ImageSize | undefined {
  const kind = head.text(12, 4)
  if (kind === 'VP8X') return { width: head.u24le(24) + 1, height: head.u24le(27) + 1 }
  if (kind === 'VP8L') {
    const bits = head.u32le(21)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  const isKeyFrame = head.u24le(23) === 0x2a019d
  return kind === 'VP8 ' && isKeyFrame ? { width: head.u16le(26) & 0x3fff, height: head.u16le(28) & 0x3fff } : undefined
}

/** From segment to segment up to the frame header (ITU-T T.81, section B.1.1.4). */
async function jpegSize(head: Bytes, read: Read): Promise<ImageSize | undefined> {
  let at = 2
  for (let count = 0; count < maxSegments; count++) {
    const segment = at + 9 <= head.length ? head.from(at, 9) : new Bytes(await read(at, 9))
    if (segment.u8(0) !== 0xff) return undefined
    const marker = segment.u8(1)
    if (marker === 0xff) {
      at++
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: segment.u16(7), height: segment.u16(5) }
    const stands = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    // The picture's data, or its end, and no frame before.
    if (marker === 0xd9 || marker === 0xda || segment.length < 4) return undefined
    at += stands ? 2 : 2 + Math.max(2, segment.u16(2))
  }
  return undefined
}

/** The `ispe` properties of all pictures (ISO/IEC 23008-12, section 6.5.3): a grid's own, and those of its tiles. */
async function boxSize(head: Bytes, read: Read): Promise<ImageSize | undefined> {
  const meta = await findBox(head, read, 0, Number.MAX_SAFE_INTEGER, 'meta')
  if (!meta) return undefined
  // `meta` has four bytes of version and flags before its boxes.
  const iprp = await findBox(head, read, meta.start + 4, meta.end, 'iprp')
  const ipco = iprp && (await findBox(head, read, iprp.start, iprp.end, 'ipco'))
  if (!ipco) return undefined
  let width = 0
  let height = 0
  for await (const { type, start } of boxes(head, read, ipco.start, ipco.end)) {
    if (type !== 'ispe') continue
    const size = await piece(head, read, start, 12)
    width = Math.max(width, size.u32(4))
    height = Math.max(height, size.u32(8))
  }
  return { width, height }
}

interface Box {
  readonly type: string
  /** Of its content. */
  readonly start: number
  readonly end: number
}

async function findBox(head: Bytes, read: Read, from: number, to: number, type: string): Promise<Box | undefined> {
  for await (const box of boxes(head, read, from, to)) if (box.type === type) return box
  return undefined
}

async function* boxes(head: Bytes, read: Read, from: number, to: number): AsyncGenerator<Box, void, undefined> {
  let at = from
  for (let count = 0; count < maxBoxes && at + 8 <= to; count++) {
    const box = await piece(head, read, at, 16)
    if (box.length < 8) return
    const short = box.u32(0)
    const headerSize = short === 1 ? 16 : 8
    // 0: to the end of the file.
    const size = short === 1 ? box.u32(8) * 2 ** 32 + box.u32(12) : short === 0 ? to - at : short
    if (size < headerSize) return
    const end = Math.min(to, at + size)
    yield { type: box.text(4, 4), start: at + headerSize, end }
    at = end
  }
}

async function piece(head: Bytes, read: Read, at: number, length: number): Promise<Bytes> {
  return at + length <= head.length ? head.from(at, length) : new Bytes(await read(at, length))
}

/** Numbers in bytes; zeros behind the end. */
class Bytes {
  readonly length: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.length = bytes.length
  }

  from(at: number, length: number): Bytes {
    return new Bytes(this.#bytes.subarray(at, at + length))
  }

  u8(at: number): number {
    return this.#bytes[at] ?? 0
  }

  u16(at: number): number {
    return this.u8(at) * 256 + this.u8(at + 1)
  }

  u32(at: number): number {
    return this.u16(at) * 65_536 + this.u16(at + 2)
  }

  u16le(at: number): number {
    return this.u8(at) + this.u8(at + 1) * 256
  }

  u24le(at: number): number {
    return this.u16le(at) + this.u8(at + 2) * 65_536
  }

  u32le(at: number): number {
    return this.u16le(at) + this.u16le(at + 2) * 65_536
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.#bytes.subarray(at, at + length))
  }
}
