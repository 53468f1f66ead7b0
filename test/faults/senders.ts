/** Own clients of every protocol: they send slowly enough to be hit, and write down what they were promised. */
import { createCipheriv, createHash, randomInt } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Ledger, Resumable } from './ledger.ts'

/** Where to send, and who is told of each piece that went out. */
export interface Target {
  readonly port: number
  readonly onSent?: (bytes: number) => void
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Bytes that follow from a name. */
export function contentOf(name: string, size: number): Buffer {
  const key = createHash('md5').update(name).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** One request on a connection of its own; the body goes out in pieces of odd sizes. Rejects when it is cut. */
export function send(
  { port, onSent }: Target,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Uint8Array = new Uint8Array(),
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body.length > 0 || method === 'POST' || method === 'PATCH' ? { 'Content-Length': body.length } : {}
    const out = request({ host: '127.0.0.1', port, method, path, agent: false, headers: { ...headers, ...length } })
    out.once('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => (text += chunk))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.once('error', reject)
    })
    out.once('error', reject)
    void pour()
    async function pour() {
      for (let at = 0; at < body.length && !out.destroyed; ) {
        const piece = body.subarray(at, at + randomInt(1, 32_768))
        at += piece.length
        const isRoom = out.write(piece)
        onSent?.(piece.length)
        if (!isRoom) await Promise.race([drained(), turn()])
        await turn()
      }
      out.end()
    }
    function drained(): Promise<void> {
      return new Promise(resolveDrain => out.once('drain', resolveDrain))
    }
  })
}

/** One form with one or several files. */
export async function sendForm(
  target: Target,
  ledger: Ledger,
  files: Readonly<Record<string, number>>,
): Promise<Answer> {
  const boundary = 'fault-boundary'
  const pieces: Buffer[] = []
  for (const [index, [name, size]] of Object.entries(files).entries()) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file[${index}]"; filename="${name}"\r\n\r\n`
    pieces.push(Buffer.from(head), ledger.expect(name, size), Buffer.from('\r\n'))
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`))
  ledger.lists.push(Object.keys(files))
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  const answer = await send(target, 'POST', '/uploads', headers, Buffer.concat(pieces))
  if (answer.status === 201) for (const name of Object.keys(files)) ledger.acknowledged.add(name)
  return answer
}

export async function sendRaw(target: Target, ledger: Ledger, name: string, size: number): Promise<Answer> {
  const headers = { 'Content-Type': 'application/octet-stream' }
  const answer = await send(target, 'POST', `/uploads?name=${name}`, headers, ledger.expect(name, size))
  if (answer.status === 201) ledger.acknowledged.add(name)
  return answer
}

const tus = { 'Tus-Resumable': '1.0.0' }
const ietf = { 'Upload-Draft-Interop-Version': '8' }

/** Begins an upload of either protocol and sends no byte of it. Undefined when it was refused. */
export async function begin(
  target: Target,
  ledger: Ledger,
  protocol: Resumable['protocol'],
  name: string,
  size: number,
): Promise<Resumable | undefined> {
  ledger.expect(name, size)
  const metadata = `filename ${Buffer.from(name).toString('base64')}`
  const answer =
    protocol === 'tus'
      ? await send(target, 'POST', '/uploads', { ...tus, 'Upload-Length': String(size), 'Upload-Metadata': metadata })
      : await send(target, 'POST', `/uploads?name=${name}`, { ...ietf, 'Upload-Complete': '?0' })
  const { location } = answer.headers
  if (answer.status !== 201 || !location) return undefined
  const upload: Resumable = { protocol, name, size, path: location, acknowledged: 0 }
  ledger.resumables.add(upload)
  return upload
}

/** Sends the bytes up to `end`, in one request. */
export async function append(target: Target, ledger: Ledger, upload: Resumable, end: number): Promise<Answer> {
  const { protocol, size, path, acknowledged } = upload
  const isLast = end === size
  const headers: Record<string, string> =
    protocol === 'tus'
      ? { ...tus, 'Content-Type': 'application/offset+octet-stream' }
      : { ...ietf, 'Content-Type': 'application/partial-upload', 'Upload-Complete': isLast ? '?1' : '?0' }
  const bytes = ledger.contents.get(upload.name)?.subarray(acknowledged, end)
  const answer = await send(target, 'PATCH', path, { ...headers, 'Upload-Offset': String(acknowledged) }, bytes)
  const wasTaken = answer.status === 204 || answer.status === 201 || answer.status === 200
  if (!wasTaken) return answer
  if (isLast) ledger.acknowledged.add(upload.name)
  if (isLast) ledger.resumables.delete(upload)
  else upload.acknowledged = end
  return answer
}

/** A whole upload in several requests. */
export async function sendResumable(
  target: Target,
  ledger: Ledger,
  protocol: Resumable['protocol'],
  name: string,
  size: number,
  pieces: number,
): Promise<void> {
  const upload = await begin(target, ledger, protocol, name, size)
  for (let piece = 1; upload && piece <= pieces; piece++) {
    const { status } = await append(target, ledger, upload, Math.round((size * piece) / pieces))
    if (status >= 400) return
  }
}

/** Where an upload stands by the server's word; undefined when it is not known any more. */
export async function offsetOf(target: Target, { protocol, path }: Resumable): Promise<number | undefined> {
  const { status, headers } = await send(target, 'HEAD', path, protocol === 'tus' ? tus : ietf)
  const offset = headers['upload-offset']
  return status < 300 && offset !== undefined ? Number(offset) : undefined
}

/**
 * Continues as a client does: asks for the offset, sends the rest. A tus client whose offset is the length is done.
 * @returns what is wrong, if something is
 */
export async function resume(target: Target, ledger: Ledger, upload: Resumable): Promise<string | undefined> {
  const offset = await offsetOf(target, upload)
  if (offset === undefined) return `${upload.name}: the upload is gone`
  if (offset < upload.acknowledged) return `${upload.name}: ${upload.acknowledged} were acknowledged, now ${offset}`
  if (offset > upload.size) return `${upload.name}: the offset ${offset} is beyond ${upload.size}`
  upload.acknowledged = offset
  if (upload.protocol === 'tus' && offset === upload.size) {
    ledger.acknowledged.add(upload.name)
    ledger.resumables.delete(upload)
    return undefined
  }
  const { status, text } = await append(target, ledger, upload, upload.size)
  return status < 300 ? undefined : `${upload.name}: continuing at ${offset} of ${upload.size} gave ${status} ${text}`
}
