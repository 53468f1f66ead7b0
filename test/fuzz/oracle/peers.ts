/** Six readers behind one face. What is given to them is whole, in memory, and as their documentation says. */
import { createRequire } from 'node:module'
import { Readable, Writable } from 'node:stream'
import { isUploadError } from '../../../src/sansio/errors.ts'
import { boundaryOf } from '../../../src/sansio/multipart/boundary.ts'
import { MultipartParser } from '../../../src/sansio/multipart/parser.ts'
import { nativeMultipartTools } from '../../../src/upload/native-tools.ts'
import type { Part } from './classes.ts'

/** Reads a body or says no (by throwing, rejecting or its error event). */
export interface Reader {
  readonly name: string
  readonly version: string
  read(contentType: string, body: Buffer): Promise<readonly Part[]>
}

/** Said no, in whatever way it has for that. */
export class Refused extends Error {}

const peersOf = createRequire(new URL('../../../bench/package.json', import.meta.url))

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown
}
interface BusboyLike extends Emitter {
  end(body: Buffer): void
}
type Busboy = (options: { headers: Record<string, string> }) => BusboyLike

export function readers(): readonly Reader[] {
  const load = (name: string): unknown => peersOf(name)
  return [
    { name: 'dropgate', version: '', read: ours },
    { name: 'busboy', version: versionOf('busboy'), read: (...all) => busboy(load('busboy') as Busboy, ...all) },
    {
      name: '@fastify/busboy',
      version: versionOf('@fastify/busboy'),
      read: (...all) => fastifyBusboy(load('@fastify/busboy') as Busboy, ...all),
    },
    {
      name: 'multiparty',
      version: versionOf('multiparty'),
      read: (...all) => multiparty(load('multiparty') as Multiparty, ...all),
    },
    {
      name: 'formidable',
      version: versionOf('formidable'),
      read: (...all) => formidableRead((load('formidable') as { formidable: Formidable }).formidable, ...all),
    },
    { name: 'Node formData()', version: process.version, read: nodeFormData },
  ]
}

function versionOf(name: string): string {
  // Not every package exports its package.json.
  const folder = peersOf.resolve.paths(name)?.[0] ?? ''
  return (peersOf(`${folder}/${name}/package.json`) as { version: string }).version
}

/** Our own parser, whole bodies. */
export async function ours(contentType: string, body: Buffer): Promise<readonly Part[]> {
  const parts: Part[] = []
  let content = ''
  try {
    const parser = new MultipartParser(boundaryOf(contentType), { tools: nativeMultipartTools })
    parser.push(body)
    let open: Part | undefined
    for (let event = parser.read(); event; event = parser.read()) {
      if (event.type === 'part') {
        const { name, filename, type } = event.part
        open = { name, type, content: '', ...(filename !== undefined && { filename }) }
        content = ''
      } else if (event.type === 'data') {
        content += Buffer.from(event.bytes).toString('latin1')
      } else if (event.type === 'part-end') {
        parts.push({ ...(open as Part), content })
      }
    }
    parser.end()
    return parts
  } catch (error) {
    if (isUploadError(error)) throw new Refused(error.code)
    throw error
  }
}

function busboy(make: Busboy, contentType: string, body: Buffer): Promise<readonly Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    const form = construct(() => make({ headers: { 'content-type': contentType } }))
    const refuse = (error: Error) => reject(new Refused(error.message))
    form.on('field', (name: string, value: string) => void parts.push({ name, content: bytesOf(value) }))
    form.on('file', (name: string, stream: Readable, info: { filename?: string; mimeType: string }) => {
      gather(stream, content => parts.push({ name, filename: info.filename ?? '', type: info.mimeType, content }))
    })
    form.on('error', refuse)
    form.on('close', () => resolve(parts))
    form.end(body)
  })
}

function fastifyBusboy(make: Busboy, contentType: string, body: Buffer): Promise<readonly Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    const form = construct(() => make({ headers: { 'content-type': contentType } }))
    form.on('field', (name: string, value: string) => void parts.push({ name, content: bytesOf(value) }))
    form.on('file', (name: string, stream: Readable, filename: string | undefined, _encoding: string, type: string) => {
      gather(stream, content => parts.push({ name, filename: filename ?? '', type, content }))
    })
    form.on('error', (error: Error) => reject(new Refused(error.message)))
    form.on('finish', () => resolve(parts))
    form.end(body)
  })
}

interface Multiparty {
  readonly Form: new () => Emitter & { parse(req: unknown): void }
}

function multiparty({ Form }: Multiparty, contentType: string, body: Buffer): Promise<readonly Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    const form = new Form()
    form.on('field', (name: string, value: string) => void parts.push({ name, content: bytesOf(value) }))
    form.on('part', (part: Readable & { name: string; filename: string; headers: Record<string, string> }) => {
      const { name, filename, headers } = part
      gather(part, content => parts.push({ name, filename, type: headers['content-type'] ?? '', content }))
    })
    form.on('error', (error: Error) => reject(new Refused(error.message)))
    form.on('close', () => resolve(parts))
    form.parse(requestOf(contentType, body))
  })
}

type Formidable = (options: object) => Emitter & { parse(req: unknown): Promise<unknown> }
interface FormidableFile {
  readonly originalFilename: string | null
  readonly mimetype: string | null
  chunks?: Buffer[]
}

async function formidableRead(make: Formidable, contentType: string, body: Buffer): Promise<readonly Part[]> {
  const parts: Part[] = []
  const form = make({
    // Whether empty files are wanted is a question of policy, not of reading.
    allowEmptyFiles: true,
    minFileSize: 0,
    fileWriteStreamHandler: (file: FormidableFile) => {
      file.chunks = []
      return new Writable({
        write: (chunk, _, done) => {
          file.chunks?.push(Buffer.from(chunk))
          done()
        },
      })
    },
  })
  form.on('field', (name: string, value: string) => void parts.push({ name, content: bytesOf(value) }))
  form.on('file', (name: string, file: FormidableFile) => {
    const content = Buffer.concat(file.chunks ?? []).toString('latin1')
    parts.push({ name, filename: file.originalFilename ?? '', type: file.mimetype ?? '', content })
  })
  form.on('error', () => {})
  try {
    await form.parse(requestOf(contentType, body))
  } catch (error) {
    throw new Refused((error as Error).message)
  }
  return parts
}

async function nodeFormData(contentType: string, body: Buffer): Promise<readonly Part[]> {
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
  const form = await response.formData().catch((error: Error) => {
    throw new Refused(error.message)
  })
  const parts: Part[] = []
  for (const [name, value] of form) {
    if (typeof value === 'string') parts.push({ name, content: bytesOf(value) })
    else {
      const content = Buffer.from(await value.arrayBuffer()).toString('latin1')
      parts.push({ name, filename: value.name, type: value.type, content })
    }
  }
  return parts
}

/** What a constructor throws, it says to its caller: a refusal. */
function construct<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new Refused((error as Error).message)
  }
}

function gather(stream: Readable, done: (content: string) => void): void {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', () => {})
  stream.on('end', () => done(Buffer.concat(chunks).toString('latin1')))
}

/** Fields come as text; we compare bytes. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** As much of an IncomingMessage as they ask for. */
function requestOf(contentType: string, body: Buffer): Readable {
  const request = Readable.from([body], { objectMode: false })
  return Object.assign(request, { headers: { 'content-type': contentType, 'content-length': String(body.length) } })
}
