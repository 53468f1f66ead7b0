/** An own client of Dropzone's chunk fields: several chunks at once, and after a crash those that were not answered. */
import { randomUUID } from 'node:crypto'
import type { Chunked, Ledger } from './ledger.ts'
import { send, type Target } from './senders.ts'

const boundary = 'fault-boundary'

/** Begins an upload in chunks; sends nothing yet. */
export function beginChunks(ledger: Ledger, name: string, size: number, chunkSize: number): Chunked {
  ledger.expect(name, size)
  const count = Math.ceil(size / chunkSize)
  const upload = {
    name,
    size,
    chunkSize,
    uuid: randomUUID(),
    missing: new Set(Array.from({ length: count }, (_, index) => index)),
  }
  ledger.chunked.add(upload)
  return upload
}

/**
 * Sends all chunks that were not acknowledged, two at a time and in any order.
 *
 * @returns what is wrong, if something is
 */
export async function sendChunks(target: Target, ledger: Ledger, upload: Chunked): Promise<string | undefined> {
  const queue = [...upload.missing].sort(() => Math.random() - 0.5)
  let complaint: string | undefined
  const worker = async () => {
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      const { status, text } = await sendChunk(target, ledger, upload, index)
      if (status === 201) upload.missing.delete(index)
      else complaint = `${upload.name}: chunk ${index} got ${status} ${text}`
      if (status === 201 && text.includes(`"name":"${upload.name}"`)) {
        ledger.acknowledged.add(upload.name)
        ledger.chunked.delete(upload)
      }
    }
  }
  await Promise.all([worker(), worker()])
  if (complaint) return complaint
  return ledger.chunked.has(upload) ? `${upload.name}: every chunk was answered, and none made a file` : undefined
}

function sendChunk(target: Target, ledger: Ledger, { name, size, chunkSize, uuid }: Chunked, index: number) {
  const fields = {
    dzuuid: uuid,
    dzchunkindex: index,
    dztotalfilesize: size,
    dzchunksize: chunkSize,
    dztotalchunkcount: Math.ceil(size / chunkSize),
    dzchunkbyteoffset: index * chunkSize,
  }
  const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  const bytes = ledger.contents.get(name)?.subarray(index * chunkSize, (index + 1) * chunkSize) ?? Buffer.alloc(0)
  const head = `${text.join('')}${part(`name="file"; filename="${name}"`)}`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return send(target, 'POST', '/uploads', { 'Content-Type': `multipart/form-data; boundary=${boundary}` }, body)
}
