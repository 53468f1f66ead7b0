/** A whole app behind the protection, another site that attacks it, and plain-http names for both. */
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { csrf } from '../../src/csrf.ts'
import { csrfProtect, expressUploads } from '../../src/express.ts'
import { type DropgateOptions, dropgate } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { prepareServer } from '../../src/node.ts'
import { strictPolicy } from './page-server.ts'

/** A request that came in, and what became of it. */
export interface Logged {
  readonly what: string
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly cookie: string
  status: number
}

const servers: Server[] = []

export async function closeServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** The app: a page with a drop area and an ordinary form. */
export async function startProtected(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const time = { now: Date.now() }
  const clock = { now: () => time.now }
  const common = { secret: 'a secret of sixteen letters' }
  const uploads = dropgate({ storage, csrf: common, clock, log: () => {}, ...options })
  const log: Logged[] = []
  const app = express()
  app.use((req, res, next) => {
    const { origin, cookie = '', 'sec-fetch-site': site } = req.headers
    const entry = { what: `${req.method} ${req.path}`, site: site as string | undefined, origin, cookie, status: 0 }
    log.push(entry)
    res.once('finish', () => (entry.status = res.statusCode))
    next()
  })
  const protection = csrf({ ...(options.csrf || common), clock, log: () => {} })
  app.use(csrfProtect(protection, { uploads }), expressUploads(uploads))
  app.get('/', (req, res) => {
    const { dropzone } = res.locals
    if ('quiet' in req.query) res.set('Referrer-Policy', 'no-referrer')
    if (!('bare' in req.query)) res.set('Content-Security-Policy', strictPolicy)
    const area = 'unsigned' in req.query ? { enableCsrf: false } : {}
    res.send(`<!doctype html><html lang="en"><title>Page</title>${dropzone.loadCss()}<body>
      ${dropzone.create()}${dropzone.config(area)}${dropzone.loadJs()}<button id="send">Send</button>
      <form id="ordinary" method="post" action="/note">
        <input name="csrf_token" type="hidden" value="${res.locals.csrfToken()}"><input name="note" value="hello">
      </form>`)
  })
  app.post('/note', (req, res) => void res.send(`noted ${req.body.note}`))
  const port = await listen(prepareServer(createServer(app)))
  return {
    port,
    time,
    log,
    uploads,
    origin: `http://127.0.0.1:${port}`,
    stored: async () => (await storage.list()).map(({ name }) => name).sort(),
    /** The answers to one kind of request, e.g. `POST /uploads`. */
    answers: (what: string) => log.filter(entry => entry.what === what).map(({ status }) => status),
  }
}

/** What the other site on that port plants. */
export const plantedBy = (port: number | undefined) => `planted-${port}`

/** The other site: an empty page, from which scripts attack. As a subdomain it plants a session on the whole domain. */
export async function startEvil(): Promise<number> {
  return listen(
    createServer(({ socket }, response) => {
      response.setHeader('content-type', 'text/html')
      response.setHeader('set-cookie', `dropgate=${plantedBy(socket.localPort)}; Domain=app.test; Path=/uploads`)
      response.end('<!doctype html><html lang="en"><title>Evil</title><link rel="icon" href="data:,">')
    }),
  )
}

/** A proxy that takes every name for this machine: plain http off loopback, where browsers send no Sec-Fetch-Site. */
export async function startProxy(): Promise<string> {
  const proxy = createServer((request, response) => {
    const { port, pathname, search } = new URL(request.url ?? '')
    const { method, headers } = request
    const onward = httpRequest({ host: '127.0.0.1', port, path: pathname + search, method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  return `http://127.0.0.1:${await listen(proxy)}`
}
