/** Headers of pictures of any size. */

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const le = (value: number, length: 2 | 3 | 4) => {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntLE(value, 0, length)
  return bytes
}
const join = (...pieces: readonly (string | Uint8Array)[]) =>
  Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)))
const box = (type: string, ...content: readonly (string | Uint8Array)[]) => {
  const bytes = join(...content)
  return join(u32(bytes.length + 8), type, bytes)
}
const heif = (brand: string) => (width: number, height: number) =>
  join(
    box('ftyp', brand, u32(0), brand),
    box(
      'meta',
      u32(0),
      box('hdlr', Buffer.alloc(25)),
      box('iprp', box('ipco', box('ispe', u32(0), u32(1), u32(1)), box('ispe', u32(0), u32(width), u32(height)))),
    ),
    box('mdat', Buffer.alloc(20)),
  )
const riff = (...chunks: readonly (string | Uint8Array)[]) => join('RIFF', le(100, 4), 'WEBP', ...chunks)

export const pictures = {
  png: (width: number, height: number) =>
    join(hex('89504E470D0A1A0A 0000000D'), 'IHDR', u32(width), u32(height), hex('08 06 00 00 00')),
  gif: (width: number, height: number) => join('GIF89a', le(width, 2), le(height, 2), hex('80 00 00')),
  jpeg: (width: number, height: number) =>
    join(
      hex('FFD8 FFE0 0010 4A46494600 0101 00 0001 0001 0000 FFC4 0005 000000 FFC2 0011 08'),
      u32(height * 65_536 + width),
      hex('03 01 22 00 02 11 01 03 11 01'),
    ),
  bmp: (width: number, height: number) =>
    join('BM', le(58, 4), u32(0), le(54, 4), le(40, 4), le(width, 4), le(2 ** 32 - height, 4), hex('0100 1800')),
  webpLossy: (width: number, height: number) =>
    riff('VP8 ', le(10, 4), hex('300100 9D012A'), le(width, 2), le(height, 2)),
  webpLossless: (width: number, height: number) =>
    riff('VP8L', le(13, 4), hex('2F'), le(width - 1 + (height - 1) * 2 ** 14, 4)),
  webpExtended: (width: number, height: number) => riff('VP8X', le(10, 4), u32(0), le(width - 1, 3), le(height - 1, 3)),
  avif: heif('avif'),
  heic: heif('heic'),
}
