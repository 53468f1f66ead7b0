/** A light sender: one block of random bytes, written to a bare socket again and again. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const MiB = 1024 * 1024
const block = randomBytes(MiB)
const boundary = 'WebKitFormBoundary7MA4YWxkTrZu0gW'

/** How the bytes travel. */
export type Dialect = 'form' | 'binary'

/** An answer of the server. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Uploads a file of `mebibytes` blocks to /uploads and waits for the answer.
 *
 * @param name the file's name
 */
export async function sendFile(port: number, dialect: Dialect, name: string, mebibytes: number): Promise<Answer> {
  const [before, after] = dialect === 'form' ? framing(name) : ['', '']
  const target = dialect === 'form' ? '/uploads' : `/uploads?name=${name}`
  const type = dialect === 'form' ? `multipart/form-data; boundary=${boundary}` : 'application/octet-stream'
  const head = [
    `POST ${target} HTTP/1.1`,
    'Host: localhost',
    `Content-Type: ${type}`,
    `Content-Length: ${before.length + mebibytes * MiB + after.length}`,
    'Connection: close',
  ]
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answer = socket.setEncoding('latin1').toArray()
  // If the server goes, the writing side tells.
  answer.catch(() => {})
  await pipeline(Readable.from(pieces(`${head.join('\r\n')}\r\n\r\n${before}`, mebibytes, after)), socket, {
    end: false,
  })
  const text = (await answer).join('')
  return { status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
}

/** What `sha256sum` says of the file that was sent. */
export function digestOf(mebibytes: number): string {
  const hash = createHash('sha256')
  for (let sent = 0; sent < mebibytes; sent++) hash.update(block)
  return hash.digest('hex')
}

function framing(name: string): [string, string] {
  const head = `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream`
  return [`--${boundary}\r\n${head}\r\n\r\n`, `\r\n--${boundary}--\r\n`]
}

function* pieces(before: string, mebibytes: number, after: string): Generator<Uint8Array> {
  yield Buffer.from(before)
  for (let sent = 0; sent < mebibytes; sent++) yield block
  if (after !== '') yield Buffer.from(after)
}
