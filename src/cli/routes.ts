/** What the command line's server answers: page, stylesheet, downloads; everything else is the engine's. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatSize, isUploadError, type Storage, UploadError, type Uploads } from '../index.ts'
import { type BridgeOptions, nodeUploads, readText, receiveFiles, sendDownload } from '../node.ts'
import { type Access, isLocalHostHeader } from './access.ts'
import { nameOfDownload } from './download.ts'
import { listScript } from './list-script.ts'
import { dropPage, tokenPage } from './page.ts'
import { style } from './style.ts'

/** What the routes need. */
export interface Site {
  readonly uploads: Uploads
  readonly storage: Pick<Storage, 'list'>
  readonly access: Access
  /** Refuse requests whose Host is another name than this machine's own. */
  readonly localOnly: boolean
  /** Told when an upload is refused before the engine has seen it. */
  readonly onRefused: (error: UploadError) => void
  /** What is spent on slow and on refused bodies; the defaults of `nodeUploads` when omitted. */
  readonly bodies?: BridgeOptions
}

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}
/** A token form is small; more is not read. */
const mostTokenBytes = 4096

/** Makes the request listener. */
export function createRoutes(site: Site): (req: IncomingMessage, res: ServerResponse) => void {
  const { uploads, access, bodies } = site
  const engine = nodeUploads(uploads, bodies)
  const refuse = () => {
    const refusal = new UploadError('unauthorized', undefined, { headers: { 'WWW-Authenticate': 'Bearer' } })
    site.onRefused(refusal)
    throw refusal
  }
  const refuseUpload = receiveFiles(uploads, refuse, bodies)

  return (req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] as string
    const reading = req.method === 'GET' || req.method === 'HEAD'
    if (site.localOnly && !isLocalHostHeader(req.headers.host)) {
      return sendText(req, res, 403, 'This server answers to names of its own machine only.')
    }
    const asset = reading ? assets.get(path) : undefined
    if (asset) return send(req, res, 200, { ...assetHeaders, 'Content-Type': asset.type }, asset.text)
    if (uploads.matches({ url: path })) {
      // The static files of the page tell nothing; everything else of the endpoint wants the token.
      return path.startsWith(`${uploads.path}/-/`) || access.allows(req) ? engine(req, res) : refuseUpload(req, res)
    }
    if (req.method === 'POST' && path === '/token') return void answer(req, res, takeToken(site, req, res))
    if (!reading) return engine(req, res)
    if (path === '/' && !access.allows(req)) return send(req, res, 401, unauthorizedHeaders, tokenPage(false))
    if (path === '/') return void answer(req, res, sendPage(site, req, res))
    const name = nameOfDownload(path)
    if (name === undefined) return sendText(req, res, 404, 'Not found.')
    if (!access.allows(req))
      return sendText(req, res, 401, 'A valid token is needed.', { 'WWW-Authenticate': 'Bearer' })
    void sendDownload(uploads, req, res, name)
  }
}

/** They tell nothing, so they need no token. */
const assets = new Map([
  ['/style.css', { type: 'text/css; charset=utf-8', text: style }],
  ['/list.js', { type: 'text/javascript; charset=utf-8', text: listScript }],
])
const assetHeaders = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' }
const unauthorizedHeaders = { ...pageHeaders, 'WWW-Authenticate': 'Bearer' }

/** 404 when nothing was found, a refusal in its own words, 500 in neutral ones when something broke. */
async function answer(req: IncomingMessage, res: ServerResponse, found: Promise<boolean>): Promise<void> {
  try {
    if (!(await found)) sendText(req, res, 404, 'Not found.')
  } catch (error) {
    if (isUploadError(error) && error.status < 500) {
      return sendText(req, res, error.status, error.message, { Connection: 'close' })
    }
    console.error(error)
    if (res.headersSent) res.destroy()
    else sendText(req, res, 500, 'Something went wrong on the server.')
  }
}

async function sendPage({ uploads, storage }: Site, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const page = await uploads.page(pageRequest(req))
  const files = (await storage.list?.()) ?? []
  for (const [name, value] of page.headers) res.appendHeader(name, value)
  send(req, res, 200, pageHeaders, dropPage({ dropArea: page.dropArea(), files, formatSize }))
  return true
}

/** The token form of the page: a cookie for the right token, the form again for a wrong one. */
async function takeToken({ access, bodies }: Site, req: IncomingMessage, res: ServerResponse): Promise<true> {
  const form = new URLSearchParams(await readText(req, res, mostTokenBytes, bodies))
  if (access.matches(form.get('token') ?? '')) {
    const headers = access.cookie === '' ? {} : { 'Set-Cookie': access.cookie }
    send(req, res, 303, { ...headers, Location: '/', 'Cache-Control': 'no-store' }, '')
  } else send(req, res, 401, unauthorizedHeaders, tokenPage(true))
  return true
}

/** A request without its body, as the page helpers want it. */
function pageRequest(req: IncomingMessage) {
  const get = (name: string) => {
    const value = req.headers[name.toLowerCase()]
    return value === undefined ? null : String(value)
  }
  return { method: 'GET', url: '/', headers: { get }, body: null }
}

function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const own = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }
  send(req, res, status, { ...own, ...headers }, text)
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  res.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  res.end(req.method === 'HEAD' ? undefined : body)
}
