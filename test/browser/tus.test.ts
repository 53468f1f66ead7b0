/** tus-js-client in Chromium against the engine on a folder: what lies there has the sender's sha256. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, dropgate } from '../../src/index.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { cuttingProxy } from '../integration/resumable/proxy.ts'
import { has, useChromium } from './support.ts'

const client = readFileSync(new URL('../../node_modules/tus-js-client/dist/tus.min.js', import.meta.url))
const MiB = 1024 * 1024

/** What the page's script is told; functions do not travel. */
interface Job {
  readonly endpoint: string
  readonly size: number
  readonly options: Readonly<Record<string, unknown>>
  /** Abort once so many bytes were accepted, and go on in a new client from the stored URL. */
  readonly abortAt?: number
}

const chromium = useChromium()

/** The engine on a folder, and a server with the client's page, on another port: another origin. */
async function open(options: (pageOrigin: string) => Partial<DropgateOptions>) {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-browser-'))
  const pages = createServer((request, response) => {
    if (request.url === '/tus.js') response.setHeader('content-type', 'text/javascript').end(client)
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>tus</title><script src="/tus.js"></script>')
  })
  await new Promise<void>(resolve => pages.listen(0, '127.0.0.1', resolve))
  const pageOrigin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  const storage = diskStorage(folder, { durable: false })
  const server = prepareServer(createServer(nodeUploads(dropgate({ storage, log: () => {}, ...options(pageOrigin) }))))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const page = await chromium.browser.newPage()
  onTestFinished(async () => {
    await page.close()
    for (const one of [pages, server]) {
      one.closeAllConnections()
      await new Promise(resolve => one.close(resolve))
    }
    rmSync(folder, { recursive: true, force: true })
  })
  await page.goto(pageOrigin)
  const names = async () => (await storage.list()).map(file => file.name)
  const stored = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
  return { page, port: (server.address() as AddressInfo).port, names, stored }
}

/** Uploads a file of the page's own making; the sha256 as the browser counts it, or the client's error. */
function upload(page: Page, job: Job): Promise<string> {
  return page.evaluate(async ({ endpoint, size, options, abortAt }) => {
    interface Client {
      start(): void
      abort(): Promise<void>
      findPreviousUploads(): Promise<object[]>
      resumeFromPreviousUpload(previous: object): void
    }
    type Tus = { Upload: new (file: File, options: object) => Client }
    const { Upload } = (window as unknown as { tus: Tus }).tus
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536))
    const file = new File([bytes], 'film.mp4', { type: 'video/mp4', lastModified: 1 })
    const metadata = { filename: file.name, filetype: file.type }
    const run = (more: object, isSecond: boolean) =>
      new Promise<'done' | 'aborted'>((resolve, reject) => {
        const one: Client = new Upload(file, {
          endpoint,
          metadata,
          retryDelays: [20, 50, 100, 100],
          ...options,
          ...more,
          onError: reject,
          onSuccess: () => resolve('done'),
          onChunkComplete: (_chunk: number, accepted: number) => {
            if (isSecond || abortAt === undefined || accepted < abortAt) return
            void one.abort().then(() => resolve('aborted'))
          },
        })
        void one.findPreviousUploads().then(([previous]) => {
          if (isSecond && previous) one.resumeFromPreviousUpload(previous)
          one.start()
        })
      })
    try {
      if ((await run({}, false)) === 'aborted') await run({}, true)
    } catch (error) {
      return String(error)
    }
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
  }, job)
}

describe.skipIf(!has.chromium)('tus-js-client in Chromium, on a page of another origin', () => {
  const listed = (origin: string) => ({ cors: { origins: [origin] } })

  it.each<[string, Omit<Job, 'endpoint'>]>([
    ['in one piece', { size: 5 * MiB + 7, options: {} }],
    ['in parallel', { size: 5 * MiB + 7, options: { parallelUploads: 3 } }],
    ['with bytes in the creation', { size: 3 * MiB, options: { uploadDataDuringCreation: true, chunkSize: MiB } }],
    ['of a length told last', { size: 3 * MiB, options: { uploadLengthDeferred: true, chunkSize: MiB } }],
    ['aborted, resumed from the stored URL', { size: 5 * MiB, options: { chunkSize: MiB }, abortAt: 2 * MiB }],
  ])('%s', async (_name, job) => {
    const { page, port, names, stored } = await open(listed)
    const sum = await upload(page, { ...job, endpoint: `http://127.0.0.1:${port}/uploads` })
    expect(await names(), sum).toEqual(['film.mp4'])
    expect(stored('film.mp4')).toBe(sum)
  })

  it('over a line that is cut', async () => {
    const { page, port, names, stored } = await open(listed)
    const line = await cuttingProxy(port)
    onTestFinished(() => line.close())
    line.cutAfter(3 * MiB)
    const sum = await upload(page, { endpoint: `http://127.0.0.1:${line.port}/uploads`, size: 12 * MiB, options: {} })
    expect([line.cuts, await names()], sum).toEqual([1, ['film.mp4']])
    expect(stored('film.mp4')).toBe(sum)
  })

  it('is refused when its origin is not listed', async () => {
    const { page, port, names } = await open(() => ({ cors: { origins: ['https://app.example'] } }))
    const error = await upload(page, {
      endpoint: `http://127.0.0.1:${port}/uploads`,
      size: 10,
      options: { retryDelays: [] },
    })
    expect(error).toContain('failed to create upload')
    expect(await names()).toEqual([])
  })
})
