/** Formats that need more than a pattern. Each matcher takes the first bytes and names a row of the table. */
import { latin1 } from './pattern.ts'
import { isPlain } from './text.ts'

type Matcher = (head: Uint8Array) => string | undefined

const avif = new Set(['avif', 'avis'])
const heif = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1', 'miaf'])

/** ISO base media files by their brands (ISO/IEC 14496-12 section 4.3); QuickTime before them had no `ftyp`. */
const isoMedia: Matcher = head => {
  const box = latin1(head, 4, 8)
  if (['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(box) && head[0] === 0) return 'video/quicktime'
  if (box !== 'ftyp') return undefined
  const end = Math.min(u32(head, 0), 256)
  const brands = [latin1(head, 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(latin1(head, at, at + 4))
  if (brands.some(brand => avif.has(brand))) return 'image/avif'
  if (brands.some(brand => heif.has(brand))) return 'image/heic'
  return brands[0] === 'qt  ' ? 'video/quicktime' : 'video/mp4'
}

/** Matroska and WebM: the DocType element of the EBML header (RFC 8794). */
const ebml: Matcher = head => {
  if (u32(head, 0) !== 0x1a45dfa3) return undefined
  const start = latin1(head, 4, 64)
  if (start.includes('\x42\x82\x84webm')) return 'video/webm'
  return start.includes('\x42\x82\x88matroska') ? 'video/matroska' : undefined
}

const openDocuments = [
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
  'application/epub+zip',
]

const zipFolders: readonly (readonly [prefix: string, type: string])[] = [
  ['word/', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['META-INF/MANIFEST.MF', 'application/java-archive'],
  ['AndroidManifest.xml', 'application/java-archive'],
]

/** Zip archives, and what their first entries say they are: Office, OpenDocument, EPUB, Java. */
const zip: Matcher = head => {
  const start = u32(head, 0)
  if (start === 0x504b0506 || start === 0x504b0708) return 'application/zip'
  if (start !== 0x504b0304) return undefined
  const text = latin1(head)
  // OpenDocument and EPUB: the first entry is called `mimetype`, and is stored as it is.
  const declared = text.slice(30, 38) === 'mimetype' ? text.slice(38, 120) : ''
  // The longest first: a template's type begins like its document's.
  const document = openDocuments.find(type => declared.startsWith(`${type}PK`) || declared === type)
  return document ?? namedEntries(text) ?? 'application/zip'
}

function namedEntries(text: string): string | undefined {
  for (let at = 0; at >= 0; at = text.indexOf('PK\x03\x04', at + 4)) {
    const found = zipFolders.find(([prefix]) => text.startsWith(prefix, at + 30))
    if (found) return found[1]
  }
  return undefined
}

/** Windows bitmaps: `BM`, reserved zeros, and a header of a known size. */
const bitmap: Matcher = head => {
  if (latin1(head, 0, 2) !== 'BM' || head.length < 18) return undefined
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(head[14] as number) && head[15] === 0 ? 'image/bmp' : undefined
}

/** Icons and cursors: a list of images, the first of which lies right behind the list. */
const icon: Matcher = head => {
  const kind = u32(head, 0)
  if ((kind !== 0x00000100 && kind !== 0x00000200) || head.length < 22) return undefined
  const count = (head[4] as number) + (head[5] as number) * 256
  return count > 0 && count < 1024 && head[9] === 0 ? 'image/vnd.microsoft.icon' : undefined
}

/** MPEG audio of layers II and III without a tag: a frame header whose fields all have a meaning (ISO/IEC 11172-3, 2.4.2.3). */
const mpegAudio: Matcher = head => {
  const [first, second = 0, third = 0] = head
  const layer = second & 0x06
  const isFrame = first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (layer === 2 || layer === 4)
  return isFrame && third >> 4 !== 15 && (third & 0x0c) !== 0x0c ? 'audio/mpeg' : undefined
}

/** Transport streams: the sync byte of each packet, which is 188 bytes long, or 192 with a time stamp before it. */
const transportStream: Matcher = head => {
  const isSynced = (start: number, step: number) =>
    head.length > start + 2 * step && [0, 1, 2].every(i => head[start + i * step] === 0x47)
  return isSynced(0, 188) || isSynced(4, 192) ? 'video/mp2t' : undefined
}

/** Archives of the tar before POSIX have no mark, but a sum of their first block. */
const oldTar: Matcher = head => {
  if (head.length < 512 || head[0] === 0) return undefined
  const field = latin1(head, 148, 156)
  if (!/^[ 0]*[0-7]+[ \0]*$/.test(field)) return undefined
  let sum = 0
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (head[at] as number)
  return Number.parseInt(field.replace(/[ \0]/g, ''), 8) === sum ? 'application/x-tar' : undefined
}

/** Two or three letters are enough for these, so what is plain text is none of them. */
const shortMark: Matcher = head => {
  if (isPlain(latin1(head))) return undefined
  if (latin1(head, 0, 2) === 'MZ') return 'application/vnd.microsoft.portable-executable'
  return /^[FCZ]WS/.test(latin1(head, 0, 3)) ? 'application/vnd.adobe.flash.movie' : undefined
}

/** In this order, after the patterns. */
export const containers: readonly Matcher[] = [
  shortMark,
  isoMedia,
  ebml,
  zip,
  bitmap,
  icon,
  mpegAudio,
  transportStream,
  oldTar,
]

/** PDF readers take up to 1 KiB of rubbish before the mark (ISO 32000-1, Adobe's implementation notes). */
export function hasLatePdf(head: Uint8Array): boolean {
  return latin1(head, 0, 1024 + 5).includes('%PDF-')
}

function u32(head: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(at, at + 4)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
