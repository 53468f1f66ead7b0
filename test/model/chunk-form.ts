/** Dropzone's chunks of the file, as forms. */
import { createHash } from 'node:crypto'
import { chunkCount, chunkSize, content } from './steps.ts'

const boundary = 'model'

/** The uuid of an upload that chunks begin. */
export const ownUuid = '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10'

/** The id of the upload that chunks with a uuid begin for an owner without a name. */
export function hashedId(uuid: string): string {
  return createHash('sha256').update(`${uuid}\0`).digest('base64url')
}

/** The uuid by which chunks go on with an upload of tus. */
export function uuidOf(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The bytes of a chunk. */
export function chunkBytes(index: number): Uint8Array {
  return content.slice(index * chunkSize, (index + 1) * chunkSize)
}

/**
 * @param cut breaks off so many bytes before the last one of the chunk
 * @param lies other bytes, and the form breaks off after them
 * @param slow turns of the event loop after its first bytes
 */
export function chunkForm(uuid: string, index: number, cut: number | undefined, lies: boolean, slow: number) {
  const bytes = lies ? chunkBytes(index).fill(255) : chunkBytes(index)
  const fields = {
    dzuuid: uuid,
    dzchunkindex: index,
    dztotalfilesize: content.length,
    dzchunksize: chunkSize,
    dztotalchunkcount: chunkCount,
    dzchunkbyteoffset: index * chunkSize,
  }
  const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  const before = Buffer.from(`${text.join('')}${part('name="file"; filename="b.bin"')}`)
  const after = lies ? `\r\n${part('name="more"')}` : `\r\n--${boundary}--\r\n`
  const whole = Buffer.concat([before, bytes, Buffer.from(after)])
  const isCut = cut !== undefined && !lies
  const end = isCut ? before.length + Math.max(0, bytes.length - 1 - cut) : whole.length
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  return { headers, body: inPieces(whole.subarray(0, end), before.length + 3, !isCut && !lies, slow) }
}

/** A body in two pieces, which ends or breaks off. */
function inPieces(bytes: Uint8Array, middle: number, isWhole: boolean, slow: number): ReadableStream<Uint8Array> {
  const pieces = [bytes.slice(0, middle), bytes.slice(middle)]
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const turns = pieces.length === 1 ? 1 + slow : 1
      for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
      const piece = pieces.shift()
      if (piece && piece.length > 0) controller.enqueue(piece)
      else if (isWhole) controller.close()
      else controller.error(new Error('cut'))
    },
  })
}
