/** The engine on the disk with an eye on every byte: what was written, what came over the line, which requests. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, dropgate } from '../../src/index.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { temporaryFolder } from './e2e-server.ts'
import type { Helpers } from './flask-engine.ts'
import { dropzones, strictPolicy } from './page-server.ts'
import { watch } from './support.ts'

/** A request that came in. */
export interface Logged {
  readonly method: string
  readonly path: string
  /** 0 while there is none, and when nobody was left to hear it. */
  status: number
}

export interface ResumablePage {
  readonly context: BrowserContext
  readonly page: Page
  readonly folder: string
  readonly log: readonly Logged[]
  /** Exceptions, console errors and violations of the policy. */
  readonly wrong: readonly string[]
  readonly time: { now: number }
  readonly line: Line
  /** Bytes that the engine gave to the storage, over all requests. */
  written(): number
  /** Requests that the engine is at work on, whoever is still there to hear its answer. */
  running(): number
}

/** A line between browser and server that counts, and breaks when it is told. */
export interface Line {
  /** Bytes that went up. */
  readonly up: number
  /** Cuts every connection once so many further bytes went up, and takes no new one for some milliseconds. */
  cutAfter(bytes: number, outage?: number): void
  /**
   * Lets nothing more through on the connection that carried the latest bytes, and keeps it open, as when a laptop
   * slept. Others are closed, because a browser would try them first; new ones work.
   */
  stall(): void
}

/**
 * Opens a page with a resumable drop area; until the test is over. The client script must be built.
 *
 * @param html the page's body; the drop area alone when omitted
 */
export async function openResumable(
  browser: Browser,
  options: Partial<DropgateOptions> = {},
  html: (helpers: Helpers) => string = helpers => helpers.dropArea(),
): Promise<ResumablePage> {
  const folder = temporaryFolder()
  const time = { now: Date.now() }
  let written = 0
  let running = 0
  const storage = diskStorage(folder)
  const { resumable } = storage
  if (!resumable) throw new Error('The storage can not resume.')
  const write = resumable.write.bind(resumable)
  resumable.write = (id, offset, spans) => {
    for (const span of spans) written += span.length
    return write(id, offset, spans)
  }
  const { dropArea, ...others } = options
  const uploads = dropgate({
    storage,
    csrf: { secret: 'a secret of this test alone' },
    clock: { now: () => time.now },
    log: () => {},
    onEvent: ({ kind }) => {
      if (kind === 'request-start') running++
      if (kind === 'request-end') running--
    },
    dropArea: { resumable: true, ...dropArea },
    ...others,
  })
  const engine = nodeUploads(uploads)
  const log: Logged[] = []
  const server = prepareServer(
    createServer(async (request, response) => {
      const { method = '', url = '' } = request
      const version = /^\/dropzone-(\d)\.js$/.exec(url)?.[1]
      if (version !== undefined)
        return void response.end(await readFile(dropzones[Number(version) as keyof typeof dropzones]))
      if (url === '/away') return void response.end('<!doctype html><title>Away</title>')
      if (url !== '/' && url !== '/other') {
        const logged: Logged = { method, path: url, status: 0 }
        if (!url.includes('/-/')) log.push(logged)
        response.once('finish', () => (logged.status = response.statusCode))
        return void engine(request, response)
      }
      const headers = new Headers(request.headers as Record<string, string>)
      const page = uploads.pageSync({ method: 'GET', url: '/', headers, body: null })
      for (const [name, value] of page.headers) response.appendHeader(name, value)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.setHeader('content-security-policy', strictPolicy)
      response.end(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">${html(page)}`,
      )
    }),
  )
  const port = await listen(server)
  const { line, port: linePort } = await openLine(port)
  const context = await browser.newContext()
  const page = await context.newPage()
  const wrong = await watch(page, ['Failed to load resource'])
  onTestFinished(async () => {
    await context.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  await page.goto(`http://127.0.0.1:${linePort}/`)
  await page.locator('.dz-message').waitFor()
  return { context, page, folder, log, wrong, time, line, written: () => written, running: () => running }
}

async function openLine(port: number): Promise<{ readonly line: Line; readonly port: number }> {
  const sockets = new Set<Socket>()
  let up = 0
  let limit = Number.POSITIVE_INFINITY
  let outage = 0
  let downUntil = 0
  let latest: Socket | undefined
  const server = createTcpServer(near => {
    if (Date.now() < downUntil) return void near.resetAndDestroy()
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    far.pipe(near)
    near.pipe(far)
    near.on('data', chunk => {
      latest = near
      up += chunk.length
      if (up < limit) return
      limit = Number.POSITIVE_INFINITY
      downUntil = Date.now() + outage
      for (const socket of sockets) socket.resetAndDestroy()
    })
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
  })
  const linePort = await listen(server)
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const line: Line = {
    get up() {
      return up
    },
    cutAfter: (bytes, milliseconds = 0) => {
      limit = up + bytes
      outage = milliseconds
    },
    stall: () => {
      for (const socket of sockets) if (socket !== latest) socket.resetAndDestroy()
      latest?.unpipe().pause()
    },
  }
  return { line, port: linePort }
}

function listen(server: ReturnType<typeof createTcpServer>): Promise<number> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
