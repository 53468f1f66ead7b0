/** The smallest server that a page can be tried on: gives pages and static files, answers uploads as it is told. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildClient } from '../../scripts/build-client.mjs'
import type { PageCsrf, PageFacts } from '../../src/html/facts.ts'
import { createPage, type Page } from '../../src/html/page.ts'
import { defineDropArea } from '../../src/sansio/dropzone/define.ts'
import type { DropAreaOptions } from '../../src/sansio/dropzone/options.ts'
import { defineMessages, type Messages } from '../../src/sansio/messages.ts'
import { definePolicy, describePolicy, type PolicyOptions } from '../../src/sansio/policy/policy.ts'

/** An answer to an upload. */
export interface Answer {
  readonly status: number
  readonly type?: string
  readonly body?: string
}

/** An upload that came in. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface PageServer {
  readonly origin: string
  /** Everything that was posted, oldest first. */
  readonly arrived: Arrived[]
  /** Decides the next answers; undefined cuts the connection. */
  answer: (upload: Arrived) => Answer | undefined | Promise<Answer>
  /** Answers to `GET` of other paths, e.g. where a page goes on to. */
  readonly others: Map<string, (request: Pick<Arrived, 'url' | 'headers'>) => Answer | Promise<Answer>>
  /** The Content-Security-Policy of `/`. */
  contentPolicy: string
  /** Sets the body of `/`. */
  show(html: string): void
  close(): Promise<void>
}

/** The policy that the issue asks of a page, without a nonce: `style-src 'self'` too. */
export const strictPolicy =
  "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

/** The page helpers, made from what a developer writes. */
export function pageOf(options: {
  policy?: PolicyOptions
  dropArea?: DropAreaOptions
  messages?: Partial<Messages>
  csrf?: PageCsrf
  urlFor?: NonNullable<PageFacts['urlFor']>
}): Page {
  const { csrf, urlFor } = options
  const policyRules = definePolicy(options.policy)
  const messages = defineMessages(options.messages)
  return createPage({
    path: '/uploads',
    assets: { js: '/dropgate.js', glue: '/dropgate-glue.js', css: '/dropgate.css' },
    policy: describePolicy(policyRules, messages),
    policyRules,
    messages,
    dropArea: defineDropArea(options.dropArea),
    ...(csrf && { csrf }),
    ...(urlFor && { urlFor }),
  })
}

export async function startPageServer(): Promise<PageServer> {
  const files = await staticFiles()
  let html = ''
  const arrived: Arrived[] = []
  const kept: Answer = { status: 201, type: 'application/json', body: '{"files":[]}' }
  const http = createServer((request, response) => void serve(request, response))
  const server: PageServer = {
    origin: await listen(http),
    arrived,
    answer: () => kept,
    others: new Map(),
    contentPolicy: strictPolicy,
    show: body => {
      html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Page</title><link rel="stylesheet" href="/page.css"><body>${body}`
    },
    close: () => new Promise(resolve => void http.close(() => resolve()).closeAllConnections()),
  }
  return server

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    if (method !== 'GET') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const upload: Arrived = { method, url, headers, body: Buffer.concat(chunks) }
      arrived.push(upload)
      const answer = await server.answer(upload)
      if (!answer) return void request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain; charset=utf-8' })
      return void response.end(answer.body ?? '')
    }
    if (url === '/') {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': server.contentPolicy,
      })
      return void response.end(html)
    }
    const other = server.others.get(url.split('?')[0] as string)
    if (other) {
      const answer = await other({ url, headers })
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain; charset=utf-8' })
      return void response.end(answer.body ?? '')
    }
    const body = files.get(url) ?? ownScripts.get(url)
    const type = url.endsWith('.css') ? 'text/css' : 'text/javascript'
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type })
    response.end(body ?? '')
  }
}

const module = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))

/** The real Dropzone, three generations; the server gives them as `/dropzone-5.js` and so on. */
export const dropzones = {
  5: module('dropzone5/dist/min/dropzone.min.js'),
  6: module('dropzone/dist/dropzone-min.js'),
  7: module('@deltablot/dropzone/dist/dropzone-min.js'),
} as const

/** The static files by path, built for this run alone. */
async function staticFiles(): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-page-'))
  const paths = [
    ...(await buildClient(folder)).map(path => [`/${basename(path)}`, path] as const),
    ...Object.entries(dropzones).map(([version, path]) => [`/dropzone-${version}.js`, path] as const),
  ]
  const entries = await Promise.all(paths.map(async ([url, path]) => [url, await readFile(path, 'utf8')] as const))
  await rm(folder, { recursive: true })
  return new Map([...entries, ['/page.css', 'html{color-scheme:light dark;font-family:sans-serif}']])
}

/** Other scripts that a page of a test asks for. */
export const ownScripts = new Map<string, string>()

function listen(http: Server): Promise<string> {
  return new Promise(resolve => {
    http.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}`))
  })
}
