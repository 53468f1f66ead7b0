/** Requests as bytes: every test says exactly what goes over the wire. */

import type { RawClient } from '../integration/adapters/raw-client.ts'

export const boundary = 'threat-row-boundary'

export type Bytes = string | Uint8Array

/** One part: its header lines as they stand, and its content. */
export function part(head: Bytes, content: Bytes = ''): Buffer {
  return join(head, '\r\n\r\n', content)
}

/** A file as a browser sends it. */
export function file(filename: Bytes, content: Bytes = '', field = 'file'): Buffer {
  const start = `Content-Disposition: form-data; name="${field}"; filename="`
  return part(join(start, filename, '"\r\nContent-Type: application/octet-stream'), content)
}

/** A text field as a browser sends it. */
export function field(name: string, value: Bytes = ''): Buffer {
  return part(`Content-Disposition: form-data; name="${name}"`, value)
}

/** A whole multipart body. */
export function form(...parts: readonly Bytes[]): Buffer {
  return formOf(parts)
}

/** The same for a list, however long, and with any boundary. */
export function formOf(parts: readonly Bytes[], delimiter = boundary): Buffer {
  return concat([...parts.flatMap(one => [`--${delimiter}\r\n`, one, '\r\n']), `--${delimiter}--\r\n`])
}

export interface PostOptions {
  /** Null sends none. */
  readonly type?: string | null
  readonly target?: string
  /** More header lines. */
  readonly lines?: readonly string[]
}

/** The head of a POST without its length. */
export function head(options: PostOptions = {}): string {
  const { type = `multipart/form-data; boundary=${boundary}`, target = '/uploads', lines = [] } = options
  const typeLine = type === null ? [] : [`Content-Type: ${type}`]
  return `${[`POST ${target} HTTP/1.1`, 'Host: localhost', ...typeLine, ...lines].join('\r\n')}\r\n`
}

/** A POST with Content-Length. */
export function post(body: Bytes, options?: PostOptions): Buffer {
  const bytes = join(body)
  return join(head(options), `Content-Length: ${bytes.length}\r\n\r\n`, bytes)
}

/** The head of a chunked POST. */
export function chunkedHead(options?: PostOptions): string {
  return `${head(options)}Transfer-Encoding: chunked\r\n\r\n`
}

/** One chunk of a chunked body. */
export function chunk(bytes: Bytes): Buffer {
  const content = join(bytes)
  return join(`${content.length.toString(16)}\r\n`, content, '\r\n')
}

export const lastChunk = '0\r\n\r\n'

/** A whole chunked POST in chunks of `size` bytes. */
export function chunkedPost(body: Bytes, size: number, options?: PostOptions): Buffer {
  const bytes = join(body)
  const chunks: Bytes[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(chunk(bytes.subarray(at, at + size)))
  return concat([chunkedHead(options), ...chunks, lastChunk])
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** Text is written as UTF-8. */
export function join(...pieces: readonly Bytes[]): Buffer {
  return concat(pieces)
}

function concat(pieces: readonly Bytes[]): Buffer {
  return Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}

/**
 * Sends a chunked POST that begins with `start` and goes on with `length` zeros, then `rest` and the end; it stops when
 * the connection is cut.
 */
export async function flood(client: RawClient, start: Bytes, length: number, rest: Bytes = ''): Promise<void> {
  const block = chunk(Buffer.alloc(256 * 1024))
  await client.write(chunkedHead())
  if (start.length > 0) await client.write(chunk(start))
  for (let sent = 0; sent < length && !client.closed && client.error === undefined; sent += 256 * 1024) {
    await client.write(block)
  }
  if (rest.length > 0) await client.write(chunk(rest))
  await client.write(lastChunk)
}
