/** One server with an endpoint and a page for each kind of refusal that a person can meet. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type DropgateOptions, dropgate, UploadError, type Uploads } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'

/** Markup, quotes and letters of several scripts: whoever escapes twice, or not at all, is seen. */
const ownWords = 'Nur „Grüße“ & "Küsse" <b>bitte</b>, kein ’x’ – 写真 gehen nicht!'

/** A kind of refusal: the server's side of it, and what the person does. */
export interface Refusal {
  readonly kind: string
  /** What has to be read on the drop area, letter by letter. The server does not always know how big a small file is. */
  readonly sentence: Readonly<Record<'small' | 'large', string>>
  readonly options: Omit<DropgateOptions, 'path'>
  /** Bytes of the files that go before the small or the large one. */
  readonly before?: readonly number[]
  /** The name under which the page sends the file. */
  readonly renamed?: string
  /** What happens to a request before the engine sees it. */
  readonly onTheWay?: (request: IncomingMessage) => void
  /** Brings the endpoint into the state in which it refuses. */
  readonly begin?: (uploads: Uploads, port: number) => Promise<() => void>
}

const storage = memoryStorage()

function refusal(kind: string, sentence: string, more: Partial<Omit<Refusal, 'kind' | 'sentence'>> = {}): Refusal {
  return { kind, sentence: { small: sentence, large: sentence }, options: { storage }, ...more }
}

/** The twelve. */
export const refusals: readonly Refusal[] = [
  {
    kind: 'file-too-big',
    sentence: {
      small: 'File is too big (more than 1 KiB). Max filesize: 1 KiB.',
      large: 'File is too big (48 MiB). Max filesize: 1 KiB.',
    },
    options: { storage, policy: { maxFileSize: '1 KiB' } },
  },
  refusal('type-not-allowed', 'This file type is not allowed.', {
    options: { storage, policy: { accept: ['image/*', '.pdf'] } },
  }),
  refusal('too-many-files', 'You can not upload any more files.', {
    options: { storage, policy: { maxFiles: 2 }, dropArea: { uploadMultiple: true, parallelUploads: 3 } },
    before: [3, 3],
  }),
  refusal('total-too-big', 'The files are too big together. Max size of one request: 1 KiB.', {
    options: { storage, policy: { maxTotalSize: '1 KiB' } },
  }),
  refusal('csrf-token-expired', 'The CSRF token has expired.', {
    options: { storage, csrf: { secret: 'a secret of sixteen letters' }, clock: hastyClock() },
  }),
  refusal('cross-site', 'The request came from another site.', {
    // As behind a proxy that passes neither on: a page of another site could not read the answer at all.
    onTheWay: ({ rawHeaders, headers }) => {
      headers.host = 'inside.example'
      for (let at = 0; at < rawHeaders.length; at += 2) {
        if (/^host$/i.test(rawHeaders[at] as string)) rawHeaders[at + 1] = 'inside.example'
        if (/^sec-fetch-site$/i.test(rawHeaders[at] as string)) rawHeaders[at] = 'X-Lost'
      }
    },
  }),
  refusal('file-empty', 'The file is empty.', {
    options: { storage, policy: { emptyFiles: false }, dropArea: { uploadMultiple: true } },
    before: [0],
  }),
  refusal('name-not-allowed', 'The file name is not allowed.', { renamed: 'film%00.mkv' }),
  refusal('storage-full', 'The server has no space left for this file.', { options: { storage: fullStorage() } }),
  refusal('rejected', ownWords, {
    options: {
      storage,
      validate: () => {
        throw new UploadError('rejected', ownWords)
      },
    },
  }),
  refusal('too-many-uploads', 'Too many uploads. Try again in 2 seconds.', {
    options: { storage, limits: { parallel: 1, by: () => 'everybody' } },
    begin: holdOneUpload,
  }),
  refusal('shutting-down', 'The server is restarting. Please try again.', {
    begin: async uploads => {
      await uploads.close(0)
      return () => {}
    },
  }),
]

/** Hours pass from one look to the next, so that a fresh token has expired as well. */
function hastyClock() {
  let now = Date.now()
  return { now: () => (now += 7_200_000) }
}

/** A storage that finds out while it writes; the disk itself is filled up in test/faults. */
function fullStorage() {
  return Object.assign(memoryStorage(), { append: () => Promise.reject(new UploadError('storage-full')) })
}

/** A form that has begun and never ends. */
async function holdOneUpload(_uploads: Uploads, port: number): Promise<() => void> {
  const head = [
    'POST /uploads/too-many-uploads HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: multipart/form-data; boundary=x',
    'Content-Length: 1000000',
  ]
  const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
  const socket: Socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.write(`${head.join('\r\n')}\r\n\r\n${part}abc`, () => setTimeout(resolve, 200))
  })
  return () => socket.destroy()
}

export interface TextsServer {
  readonly port: number
  stop(): Promise<void>
}

/** Serves `/page/<kind>` and `/uploads/<kind>` for all of them. */
export async function startTexts(): Promise<TextsServer> {
  const sites = new Map(
    refusals.map(({ kind, options, onTheWay }) => {
      const uploads = dropgate({ log: () => {}, ...options, path: `/uploads/${kind}` })
      // The upload that is held open brings nothing.
      return [kind, { uploads, onTheWay, engine: nodeUploads(uploads, { minBytesPerSecond: 0 }) }] as const
    }),
  )
  const server = prepareServer(
    createServer((req, res) => {
      const [, place, kind = ''] = (req.url ?? '').split('/')
      const site = sites.get(kind)
      if (!site) return void res.writeHead(404).end()
      if (place === 'page') return void sendPage(site.uploads, req, res)
      site.onTheWay?.(req)
      site.engine(req, res)
    }),
  )
  const port = await listen(server)
  const ends: (() => void)[] = []
  for (const { kind, begin } of refusals) {
    const site = sites.get(kind)
    if (begin && site) ends.push(await begin(site.uploads, port))
  }
  return {
    port,
    async stop() {
      for (const end of ends) end()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function sendPage(uploads: Uploads, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const page = await uploads.page({
    method: 'GET',
    url: req.url ?? '/',
    headers: new Headers({ host: req.headers.host ?? '', cookie: req.headers.cookie ?? '' }),
    body: null,
  })
  const area = page.dropArea()
  for (const [name, value] of page.headers) res.appendHeader(name, value)
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">${area}`,
  )
}

function listen(server: Server): Promise<number> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
