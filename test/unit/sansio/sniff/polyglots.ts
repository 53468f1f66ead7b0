/** Files that are two things at once: what they are taken for, and names they must not go by. */
import { heads, zipEntry } from './heads.ts'

const join = (...pieces: readonly (string | Uint8Array)[]) =>
  Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)))
const headOf = (extension: string) => heads.find(([other]) => other === extension)?.[2] as Uint8Array
const script = '<script>alert(document.domain)</script>'

export interface Polyglot {
  readonly name: string
  readonly head: Uint8Array
  /** The kind that the bytes begin with. */
  readonly type: string
  /** Extensions that it must not have. */
  readonly not: readonly string[]
}

export const polyglots: readonly Polyglot[] = [
  {
    name: 'GIF and JavaScript',
    head: join('GIF89a/*', Buffer.alloc(20, 1), '*/=1;alert(1)//'),
    type: 'image/gif',
    not: ['.js', '.html', '.txt', '.png'],
  },
  { name: 'PDF and HTML', head: join('%PDF-1.4\n', script), type: 'application/pdf', not: ['.html', '.txt', '.svg'] },
  { name: 'HTML and PDF', head: join(script, '\n%PDF-1.4\n'), type: 'text/html', not: ['.pdf', '.txt', '.gif'] },
  {
    name: 'JPEG with HTML in its comment',
    head: join(Buffer.of(0xff, 0xd8, 0xff, 0xfe, 0, 60), `<!--${script}-->`, headOf('.jpg')),
    type: 'image/jpeg',
    not: ['.html', '.js', '.png'],
  },
  { name: 'PNG with a page behind it', head: join(headOf('.png'), script), type: 'image/png', not: ['.html', '.svg'] },
  { name: 'zip behind a GIF', head: join(headOf('.gif'), zipEntry('a.exe')), type: 'image/gif', not: ['.zip', '.jar'] },
  {
    name: 'zip with JPEG in it',
    head: zipEntry('a.jpg', headOf('.jpg')),
    type: 'application/zip',
    not: ['.jpg', '.gif'],
  },
  {
    name: 'SVG with a byte order mark',
    head: join('\xEF\xBB\xBF', '<svg onload="alert(1)"/>'),
    type: 'image/svg+xml',
    not: ['.png', '.txt', '.xml', '.html'],
  },
  {
    name: 'HTML behind spaces and comments',
    head: join(' \n\t<!-- GIF89a --> \r\n <!-- %PDF-1.4 --> ', script),
    type: 'text/html',
    not: ['.gif', '.pdf', '.txt', '.csv', '.json'],
  },
  { name: 'MP4 with HTML', head: join(headOf('.mp4'), script), type: 'video/mp4', not: ['.html', '.webm', '.avif'] },
  {
    name: 'WebP with HTML in its metadata',
    head: join(headOf('.webp'), 'XMP ', Buffer.of(40, 0, 0, 0), script),
    type: 'image/webp',
    not: ['.html', '.wav', '.avi'],
  },
  { name: 'BMP and JavaScript', head: join('BM=1;', '/*', '*/alert(1)'), type: 'text/plain', not: ['.bmp', '.png'] },
  {
    name: 'shell script and zip',
    head: join('#!/bin/sh\n', zipEntry('a')),
    type: 'application/x-script',
    not: ['.zip', '.txt'],
  },
  {
    name: 'program and zip',
    head: join(headOf('.exe'), zipEntry('a')),
    type: 'application/vnd.microsoft.portable-executable',
    not: ['.zip', '.txt', '.png'],
  },
  { name: 'HTML in UTF-16', head: Buffer.from(`\uFEFF${script}`, 'utf16le'), type: 'text/html', not: ['.txt', '.csv'] },
  {
    name: 'icon and text',
    head: join(headOf('.ico'), script),
    type: 'image/vnd.microsoft.icon',
    not: ['.html', '.png'],
  },
  { name: 'MP3 and HTML', head: join(headOf('.mp3'), script), type: 'audio/x-id3', not: ['.html', '.mp4'] },
]
