/** The real engine, and a page of it in a browser. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { type DropgateOptions, dropgate, type Uploads } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'
import { dropzones } from './page-server.ts'

/** The helpers of a page. */
export type Helpers = ReturnType<Uploads['pageSync']>

export interface EnginePage {
  readonly page: Page
  /** Names and sizes of what is stored, sorted. */
  stored(): Promise<readonly string[]>
  /** Fields that came with the files. */
  readonly fields: readonly string[]
}

/** Serves an engine and, at `/`, a page, and goes there; until the test is over. The client script must be built. */
export async function openEngine(
  browser: Browser,
  options: Partial<DropgateOptions>,
  html: (helpers: Helpers) => string,
): Promise<EnginePage> {
  const storage = memoryStorage()
  const fields: string[] = []
  const uploads = dropgate({
    storage,
    log: () => {},
    onUploadFinish: (_file, context) => {
      for (const name of context.fields.keys()) {
        fields.push(...context.fields.getAll(name).map(value => `${name}=${value}`))
      }
    },
    ...options,
  })
  const engine = nodeUploads(uploads)
  const server = prepareServer(
    createServer(async (request, response) => {
      const version = /^\/dropzone-(\d)\.js$/.exec(request.url ?? '')?.[1]
      if (version !== undefined)
        return void response.end(await readFile(dropzones[Number(version) as keyof typeof dropzones]))
      if (request.url !== '/') return void engine(request, response)
      const { headers = {} } = request
      const page = uploads.pageSync({
        method: 'GET',
        url: '/',
        headers: new Headers(headers as Record<string, string>),
        body: null,
      })
      for (const [name, value] of page.headers) response.appendHeader(name, value)
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(`<!doctype html><title>Page</title><link rel="icon" href="data:,">${html(page)}`)
    }),
  )
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const page = await browser.newPage()
  onTestFinished(async () => {
    await page.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const stored = async () => {
    const found: string[] = []
    for await (const { name, size } of await storage.list()) found.push(`${name} ${size}`)
    return found.sort()
  }
  return { page, stored, fields }
}
