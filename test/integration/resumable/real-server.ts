/** The engine on Node's http server, over memory or a folder, and a client that writes any head it likes. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DiskStorage, diskStorage } from '../../../src/disk.ts'
import { type DropgateOptions, dropgate, type Uploads } from '../../../src/index.ts'
import { type MemoryStorage, memoryStorage } from '../../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../../src/node.ts'

export type StorageKind = 'memory' | 'disk'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Interim answers, in order. */
  readonly interim: readonly { readonly status: number; readonly headers: IncomingHttpHeaders }[]
}

export interface RequestParts {
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: string | Uint8Array
  /** Fields after the body, which is sent in chunks then. */
  readonly trailers?: Readonly<Record<string, string>>
}

export interface RealServer {
  readonly origin: string
  readonly port: number
  readonly server: Server
  readonly uploads: Uploads
  readonly storage: MemoryStorage | DiskStorage
  readonly folder: string | undefined
  readonly time: { now: number }
  send(method: string, url: string, parts?: RequestParts): Promise<Answer>
  /** The bytes of a finished file; undefined when there is none. */
  bytes(name: string): Promise<Uint8Array | undefined>
  text(name: string): Promise<string | undefined>
  names(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Starts one; close it after the test. */
export async function realServer(kind: StorageKind, options: Partial<DropgateOptions> = {}): Promise<RealServer> {
  const folder = kind === 'disk' ? mkdtempSync(join(tmpdir(), 'dropgate-resumable-')) : undefined
  const storage = folder === undefined ? memoryStorage() : diskStorage(folder, { durable: false })
  const time = { now: Date.now() }
  const uploads = dropgate({ storage, clock: { now: () => time.now }, log: () => {}, ...options })
  const server = prepareServer(createServer(nodeUploads(uploads)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const bytes = async (name: string) => {
    const file = await storage.read(name)
    return file && new Uint8Array(await new Response(file.body).arrayBuffer())
  }
  return {
    origin,
    port,
    server,
    uploads,
    storage,
    folder,
    time,
    send: (method, url, parts) => send(new URL(url, origin), method, parts),
    bytes,
    text: async name => {
      const found = await bytes(name)
      return found && new TextDecoder().decode(found)
    },
    names: async () => (await storage.list()).map(file => file.name).sort(),
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await uploads.close(100)
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One request on a connection of its own. */
export function send(url: URL, method: string, parts: RequestParts = {}): Promise<Answer> {
  const { headers = {}, body, trailers } = parts
  return new Promise((resolve, reject) => {
    const interim: Answer['interim'][number][] = []
    const length = body === undefined || trailers ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const chunked = trailers ? { 'Transfer-Encoding': 'chunked', Trailer: Object.keys(trailers).join(', ') } : {}
    const request = httpRequest(url, { method, agent: false, headers: { ...length, ...chunked, ...headers } })
    request.on('information', ({ statusCode, headers: fields }) =>
      interim.push({ status: statusCode, headers: fields }),
    )
    request.on('error', reject)
    request.on('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        const fields = new Headers()
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          fields.append(response.rawHeaders[i] as string, response.rawHeaders[i + 1] as string)
        }
        resolve({ status: response.statusCode ?? 0, headers: fields, text, interim })
      })
    })
    if (trailers) {
      request.write(body ?? '')
      request.addTrailers(trailers)
      request.end()
    } else request.end(body)
  })
}

/** `Upload-Metadata` with a name. */
export function named(name: string): Record<string, string> {
  return { 'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}` }
}

/** A checksum as tus writes it. */
export function tusChecksum(algorithm: 'sha1' | 'sha256', bytes: string | Uint8Array): string {
  return `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`
}

/** A digest as RFC 9530 writes it. */
export function httpDigest(bytes: string | Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  const name = algorithm === 'sha256' ? 'sha-256' : 'sha-512'
  return `${name}=:${createHash(algorithm).update(bytes).digest('base64')}:`
}
