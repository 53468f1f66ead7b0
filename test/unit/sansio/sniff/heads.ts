/** First bytes of one real file for each kind, as its usual writer makes them. */
import { gzipSync, zstdCompressSync } from 'node:zlib'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const join = (...pieces: readonly (string | Uint8Array)[]) =>
  Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)))
const zeros = (length: number) => Buffer.alloc(length)

/** A local file header of a zip archive, with its content stored. */
export function zipEntry(name: string, content: string | Uint8Array = ''): Buffer {
  const bytes = join(content)
  const head = Buffer.alloc(30)
  head.write('PK\x03\x04', 'latin1')
  head.writeUInt16LE(20, 4)
  head.writeUInt32LE(bytes.length, 18)
  head.writeUInt32LE(bytes.length, 22)
  head.writeUInt16LE(name.length, 26)
  return join(head, name, bytes)
}

function isoMedia(...brands: readonly string[]): Buffer {
  const [major = '', ...others] = brands
  const size = Buffer.alloc(4)
  size.writeUInt32BE(16 + 4 * others.length)
  return join(size, 'ftyp', major, zeros(4), ...others, hex('0000 0008'), 'mdat')
}

function riff(form: string, rest: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(rest.length + 4)
  return join('RIFF', size, form, rest)
}

function transportStream(): Buffer {
  const packet = Buffer.alloc(188, 0xff)
  packet.set([0x47, 0x40, 0x00, 0x10])
  return Buffer.concat([packet, packet, packet, packet])
}

function oldTar(): Buffer {
  const block = Buffer.alloc(512)
  block.write('notes.txt')
  block.write('0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00', 100, 'latin1')
  block.fill(' ', 148, 156)
  block.write(
    block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')
      .concat('\0 '),
    148,
    'latin1',
  )
  return block
}

const office = (folder: string) =>
  join(zipEntry('[Content_Types].xml', '<?xml version="1.0"?><Types/>'), zipEntry('_rels/.rels'), zipEntry(folder))
const openDocument = (kind: string) =>
  join(zipEntry('mimetype', `application/${kind}`), zipEntry('content.xml', '<office/>'))
const matroska = (type: string) =>
  join(hex('1A45DFA3 A3 4286 81 01 42F7 81 01 42F2 81 04 42F3 81 08 4282'), Buffer.of(0x80 + type.length), type)
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

/** Each: an extension, the type that is sniffed, the bytes. The first of an extension is the usual one. */
export const heads: readonly (readonly [extension: string, type: string, head: Uint8Array])[] = [
  ['.png', 'image/png', hex('89504E470D0A1A0A 0000000D 49484452 00000001 00000001 0806000000 1F15C489')],
  ['.jpg', 'image/jpeg', hex('FFD8FFE0 0010 4A46494600 0101 0000 0001 0001 0000 FFDB 0043 00')],
  ['.jpeg', 'image/jpeg', hex('FFD8FFE1 0018 457869660000 4D4D002A00000008')],
  [
    '.gif',
    'image/gif',
    join('GIF89a', hex('0100 0100 80 00 00 000000 FFFFFF 2C 0000 0000 0100 0100 00 02 02 44 01 00 3B')),
  ],
  ['.gif', 'image/gif', join('GIF87a', hex('0100 0100 00 00 00'))],
  ['.webp', 'image/webp', riff('WEBP', join('VP8 ', hex('0A000000 300100 9D012A 0100 0100')))],
  ['.webp', 'image/webp', riff('WEBP', join('VP8L', hex('0D000000 2F000000 10071011 118888FE 0700')))],
  ['.avif', 'image/avif', isoMedia('avif', 'mif1', 'miaf', 'MA1B')],
  ['.avif', 'image/avif', isoMedia('mif1', 'avif', 'miaf')],
  ['.heic', 'image/heic', isoMedia('heic', 'mif1', 'heic')],
  ['.heif', 'image/heic', isoMedia('mif1', 'heic')],
  ['.jxl', 'image/jxl', hex('FF0A 7F 90 00')],
  ['.jxl', 'image/jxl', hex('0000000C 4A584C20 0D0A870A 00000014 66747970 6A786C20')],
  ['.jp2', 'image/jp2', hex('0000000C 6A502020 0D0A870A 00000014 66747970 6A703220')],
  ['.bmp', 'image/bmp', join('BM', hex('3A000000 00000000 36000000 28000000 01000000 01000000 0100 1800'))],
  ['.tif', 'image/tiff', hex('49492A00 08000000 0F00 0001 0400')],
  ['.tiff', 'image/tiff', hex('4D4D002A 00000008 000F')],
  ['.nef', 'image/tiff', hex('4D4D002A 00000008 0019')],
  ['.cr3', 'image/x-canon-cr3', isoMedia('crx ', 'crx ', 'isom')],
  ['.raf', 'image/x-fuji-raf', join('FUJIFILMCCD-RAW 0201FF389301X-T1')],
  ['.orf', 'image/x-olympus-orf', join('IIRO', hex('08000000'))],
  ['.rw2', 'image/x-panasonic-rw2', join('IIU', hex('00 18000000'))],
  ['.ico', 'image/vnd.microsoft.icon', hex('0000 0100 0100 10 10 00 00 0100 2000 68040000 16000000 28000000')],
  ['.psd', 'image/vnd.adobe.photoshop', join('8BPS', hex('0001 000000000000 0003 00000001 00000001'))],
  ['.flac', 'audio/flac', join('fLaC', hex('00000022 1000 1000'))],
  ['.wav', 'audio/wav', riff('WAVE', join('fmt ', hex('10000000 0100 0200 44AC0000')))],
  ['.aif', 'audio/aiff', join('FORM', hex('00000C2E'), 'AIFFCOMM', hex('00000012'))],
  ['.mid', 'audio/midi', join('MThd', hex('00000006 0001 0002 01E0'), 'MTrk')],
  ['.amr', 'audio/amr', join('#!AMR\n', hex('3C 91 17'))],
  ['.mp3', 'audio/x-id3', join('ID3', hex('0300 00000000 0F76'), 'TSSE')],
  ['.mp3', 'audio/mpeg', hex('FFFB9064 00000000 00000000')],
  ['.mp3', 'audio/mpeg', hex('FFF3 40C4 0000')],
  ['.aac', 'audio/aac', hex('FFF15080 0DFFFC 211B')],
  ['.ogg', 'application/ogg', join('OggS', hex('0002 0000000000000000 5D1F0000 00000000'), '\x01vorbis')],
  ['.opus', 'application/ogg', join('OggS', hex('0002 0000000000000000 5D1F0000 00000000'), 'OpusHead')],
  ['.mov', 'video/quicktime', isoMedia('qt  ', 'qt  ')],
  ['.mov', 'video/quicktime', join(hex('00000008'), 'wide', hex('0005F2A4'), 'mdat')],
  ['.mp4', 'video/mp4', isoMedia('isom', 'isom', 'iso2', 'avc1', 'mp41')],
  ['.m4a', 'video/mp4', isoMedia('M4A ', 'M4A ', 'mp42', 'isom')],
  ['.3gp', 'video/mp4', isoMedia('3gp4', 'isom', '3gp4')],
  ['.webm', 'video/webm', matroska('webm')],
  ['.mkv', 'video/matroska', matroska('matroska')],
  ['.avi', 'video/x-msvideo', riff('AVI ', join('LIST', hex('7E050000'), 'hdrlavih'))],
  ['.mpg', 'video/mpeg', hex('000001BA 44000400 0401 0189C3F8')],
  ['.ts', 'video/mp2t', transportStream()],
  ['.wmv', 'video/x-ms-asf', hex('3026B2758E66CF11A6D900AA0062CE6C')],
  ['.flv', 'video/x-flv', join('FLV', hex('01 05 00000009 00000000'))],
  ['.pdf', 'application/pdf', join('%PDF-1.7\n%', hex('E2E3CFD3'), '\n1 0 obj\n')],
  ['.pdf', 'application/pdf', join(hex('00 0D 0A 01'), '\n%PDF-1.4\n%', hex('E2E3CFD3'))],
  ['.ps', 'application/postscript', join('%!PS-Adobe-3.0\n%%Title: x\n')],
  ['.eps', 'application/postscript', hex('C5D0D3C6 1E000000 5B310000')],
  ['.rtf', 'application/rtf', join('{\\rtf1\\ansi\\ansicpg1252')],
  ['.doc', 'application/x-cfb', join(hex('D0CF11E0A1B11AE1'), zeros(16), hex('3E000300FEFF0900'))],
  ['.xls', 'application/x-cfb', join(hex('D0CF11E0A1B11AE1'), zeros(16), hex('3E000300FEFF0900'))],
  ['.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', office('word/document.xml')],
  ['.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', office('xl/workbook.xml')],
  [
    '.pptx',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    office('ppt/presentation.xml'),
  ],
  ['.odt', 'application/vnd.oasis.opendocument.text', openDocument('vnd.oasis.opendocument.text')],
  ['.ods', 'application/vnd.oasis.opendocument.spreadsheet', openDocument('vnd.oasis.opendocument.spreadsheet')],
  ['.odp', 'application/vnd.oasis.opendocument.presentation', openDocument('vnd.oasis.opendocument.presentation')],
  ['.epub', 'application/epub+zip', openDocument('epub+zip')],
  ['.mobi', 'application/x-mobipocket-ebook', join('A_Book', zeros(54), 'BOOKMOBI')],
  ['.jar', 'application/java-archive', zipEntry('META-INF/MANIFEST.MF', 'Manifest-Version: 1.0\r\n')],
  ['.zip', 'application/zip', zipEntry('notes.txt', 'some notes')],
  ['.gz', 'application/gzip', gzipSync('text')],
  ['.bz2', 'application/x-bzip2', join('BZh91AY&SY', hex('4EECE836'))],
  ['.xz', 'application/x-xz', hex('FD377A585A00 0004 E6D6B446')],
  ['.zst', 'application/zstd', zstdCompressSync?.(Buffer.from('text')) ?? hex('28B52FFD 2004 21000074657874')],
  ['.7z', 'application/x-7z-compressed', hex('377ABCAF271C 0004')],
  ['.rar', 'application/vnd.rar', hex('526172211A070100')],
  ['.tar', 'application/x-tar', join('notes.txt', zeros(248), 'ustar\x0000')],
  ['.tar', 'application/x-tar', oldTar()],
  ['.deb', 'application/vnd.debian.binary-package', join('!<arch>\ndebian-binary   1700000000')],
  ['.woff', 'font/woff', join('wOFF', hex('00010000 00012345'))],
  ['.woff2', 'font/woff2', join('wOF2', hex('00010000 00012345'))],
  ['.otf', 'font/otf', join('OTTO', hex('000B 0080 0003 0030'))],
  ['.ttf', 'font/ttf', hex('00010000 0013 0100 0004 0030')],
  ['.sqlite', 'application/vnd.sqlite3', join('SQLite format 3\0', hex('1000 0101 0040 2020'))],
  ['.parquet', 'application/vnd.apache.parquet', join('PAR1', hex('1504 1520 1524 4C15'))],
  ['.wasm', 'application/wasm', hex('0061736D 01000000')],
  ['.glb', 'model/gltf-binary', join('glTF', hex('02000000 00010000'), 'JSON')],
  ['.swf', 'application/vnd.adobe.flash.movie', join('CWS', hex('0A 00100000 789C'))],
  ['.exe', 'application/vnd.microsoft.portable-executable', join('MZ', hex('90000300 00000400 0000FFFF'), zeros(50))],
  ['.so', 'application/x-elf', hex('7F454C46 02010100 00000000 00000000 0300 3E00')],
  ['.dylib', 'application/x-mach-binary', hex('CFFAEDFE 0C000001 00000000 06000000')],
  ['.dylib', 'application/x-mach-fat-binary', hex('CAFEBABE 00000002 01000007')],
  ['.lnk', 'application/x-ms-shortcut', hex('4C000000 01140200 00000000 C0000000')],
  ['.sh', 'application/x-script', join('#!/bin/sh\necho hello\n')],
  ['.py', 'application/x-script', join('#! /usr/bin/env python3\n')],
  ['.html', 'text/html', join('<!DOCTYPE html>\n<title>Page</title>')],
  ['.svg', 'image/svg+xml', join('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
  ['.svg', 'image/svg+xml', join('<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n<svg width="1"/>')],
  ['.svg', 'image/svg+xml', join('<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg/>')],
  ['.xhtml', 'text/html', join('<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>')],
  ['.xml', 'application/xml', join('<?xml version="1.0"?>\n<note><to>You</to></note>')],
  ['.gpx', 'application/xml', join('<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"></gpx>')],
  ['.xml', 'application/x-active-xml', join('<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><note/>')],
  ['.txt', 'text/plain', join('Good morning.\r\nIt rains.\r\n')],
  ['.txt', 'text/plain', Buffer.from('Grüße, 世界')],
  ['.txt', 'text/plain', join(hex('EFBBBF'), 'with a mark')],
  ['.txt', 'text/plain', join('Gr', hex('FC DF'), 'e in Latin-1')],
  ['.txt', 'text/plain', utf16('two bytes for each letter')],
  ['.txt', 'text/plain', Buffer.from('two bytes, and no mark', 'utf16le')],
  ['.csv', 'text/plain', join('name;age\nAda;36\n')],
  ['.json', 'text/plain', join('{"name": "Ada"}')],
  ['.md', 'text/plain', join('# Title\n\nWords.\n')],
  ['.md', 'text/html', join('<h1 align="center">Title</h1>\n\nWords.\n')],
  ['.ts', 'text/plain', join('export const a: number = 1\n')],
  ['.js', 'application/x-script', join('#!/usr/bin/env node\n')],
  ['.js', 'text/plain', join('console.log(1)\n')],
]
