/** A file of 50 bytes in Dropzone's chunks of 20. */
export const content = Uint8Array.from({ length: 50 }, (_, at) => at + 1)
export const chunkSize = 20

const boundary = 'chunk'
export const formType = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }

/** The fields and the head of the file, then its bytes, then the end. */
export function chunkPieces(uuid: string, index: number, bytes: Uint8Array = chunkBytes(index)) {
  const fields = {
    dzuuid: uuid,
    dzchunkindex: index,
    dztotalfilesize: content.length,
    dzchunksize: chunkSize,
    dztotalchunkcount: 3,
    dzchunkbyteoffset: index * chunkSize,
  }
  const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  const head = Buffer.from(`${text.join('')}${part('name="file"; filename="film.bin"')}`)
  return { head, bytes, end: Buffer.from(`\r\n--${boundary}--\r\n`) }
}

/** The same as one body. */
export function chunkBody(uuid: string, index: number, bytes?: Uint8Array): Uint8Array {
  const pieces = chunkPieces(uuid, index, bytes)
  return Buffer.concat([pieces.head, pieces.bytes, pieces.end])
}

/** The bytes of a chunk. */
export function chunkBytes(index: number): Uint8Array {
  return content.slice(index * chunkSize, (index + 1) * chunkSize)
}

/** The uuid by which chunks go on with an upload of another wire. */
export function uuidOf(url: string): string {
  return url.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
