/** Real servers for the end-to-end tests: the engine on the disk behind a page, and a line that breaks. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, dropgate, type Uploads } from '../../src/index.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { starts } from '../support/contents.ts'

/** The policy that the command line sends with its page. */
const strictPolicy = "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; frame-ancestors 'none'"

/** An answer, and how much of its connection the server had read when it gave it. */
export interface Answered {
  readonly method: string
  readonly url: string
  readonly status: number
  /** Bytes since the connection began: the request's head and body, and what came before on the same connection. */
  readonly read: number
}

export interface EngineServer {
  readonly port: number
  readonly url: string
  /** Where the files go. */
  readonly folder: string
  /** The answers to POST requests, oldest first. */
  readonly answers: readonly Answered[]
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Serves the engine and, at `/`, a page with its drop area, until the test is over. */
export async function startEngine(options: Omit<DropgateOptions, 'storage'> = {}): Promise<EngineServer> {
  const folder = temporaryFolder()
  const uploads = dropgate({ storage: diskStorage(folder), ...options })
  const answers: Answered[] = []
  const engine = nodeUploads(uploads)
  const server = prepareServer(
    createServer((req, res) => {
      if (req.url === '/') return void sendPage(uploads, res)
      if (req.method === 'POST') recordAnswer(req, res, answers)
      engine(req, res)
    }),
  )
  const port = await listen(server)
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { port, url: `http://127.0.0.1:${port}/`, folder, answers }
}

async function sendPage(uploads: Uploads, res: ServerResponse): Promise<void> {
  const page = await uploads.page({ method: 'GET', url: '/', headers: new Headers(), body: null })
  res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': strictPolicy })
  res.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,"><h1>Page</h1>${page.dropArea()}`,
  )
}

function recordAnswer(req: IncomingMessage, res: ServerResponse, answers: Answered[]): void {
  const writeHead = res.writeHead
  const recording = (...args: unknown[]) => {
    const { method = '', url = '', socket } = req
    answers.push({ method, url, status: Number(args[0]), read: socket.bytesRead })
    return Reflect.apply(writeHead, res, args)
  }
  Object.assign(res, { writeHead: recording })
}

/**
 * A line to a server that breaks, as when a cable is pulled out and the other side notices.
 *
 * @param bytes how many go up on one connection before it is reset
 * @returns the address to use instead of the server's
 */
export async function breakingLine(port: number, bytes: number): Promise<string> {
  const sockets = new Set<Socket>()
  const line = createTcpServer(near => {
    const far = connect(port, '127.0.0.1')
    let sent = 0
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    far.pipe(near)
    near.pipe(far)
    near.on('data', chunk => {
      sent += chunk.length
      if (sent < bytes) return
      near.resetAndDestroy()
      far.resetAndDestroy()
    })
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
  })
  const linePort = await listen(line)
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => line.close(resolve))
  })
  return `http://127.0.0.1:${linePort}/`
}

function listen(server: TcpServer): Promise<number> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

/** A file on this machine, ready to be chosen or dropped. */
export interface Sample {
  readonly path: string
  readonly name: string
  readonly sha256: string
}

/**
 * Writes a file of random bytes.
 *
 * @param folder where; a temporary one when omitted
 */
export function sampleFile(name: string, bytes: number, folder = temporaryFolder()): Sample {
  const path = join(folder, name)
  const mebibyte = 1024 ** 2
  const hash = createHash('sha256')
  writeFileSync(path, '')
  for (let left = bytes; left > 0; left -= mebibyte) {
    const chunk = honest(name, randomBytes(Math.min(left, mebibyte)), left === bytes)
    hash.update(chunk)
    writeFileSync(path, chunk, { flag: 'a' })
  }
  return { path, name, sha256: hash.digest('hex') }
}

/** Random bytes as a file of this name may hold them. */
function honest(name: string, chunk: Buffer, isFirst: boolean): Buffer {
  const kind = extname(name).slice(1)
  if (kind === 'txt') return chunk.map(byte => 97 + (byte % 26)) as Buffer
  if (isFirst && kind in starts) starts[kind as keyof typeof starts].copy(chunk)
  return chunk
}

/** A file of zeros that takes no time to write, for what is refused anyway. */
export function largeFile(name: string, bytes: number): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

/** The visible files of a folder with the SHA-256 of their bytes. */
export function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter(name => !name.startsWith('.'))
  return Object.fromEntries(names.map(name => [name, sha256(readFileSync(join(folder, name)))]))
}

/** What {@link filesIn} finds where exactly these files are. */
export function namesAndSums(samples: readonly Sample[]): Record<string, string> {
  return Object.fromEntries(samples.map(({ name, sha256 }) => [name, sha256]))
}

/** What uploads left in the store's hidden folder; an honest store leaves nothing. */
export function temporariesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.parentPath.includes('.dropgate'))
    .map(entry => entry.name)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
