/** Every client's bytes arrive as they were sent; a client that vanishes leaves nothing behind. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanFilename } from '../../src/sansio/filename.ts'
import { RawClient } from '../integration/adapters/raw-client.ts'
import { type ServerProcess, startServer, temporaryFolder } from '../support/server-process.ts'

const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0
const hasCurl = has('curl', '--version')
const hasPython = has('python3', '--version')
const hasRequests = hasPython && has('python3', '-c', 'import requests')

const base = temporaryFolder()
const store = join(base.path, 'store')
const boundary = 'X-Odd.Boundary_7'
/** Random bytes, and everything in them that a parser could trip over. */
const content = Buffer.concat([
  randomBytes(3_000_001),
  Buffer.from(`\r\n--${boundary}x\r\n--${boundary.slice(0, -1)}\r\n\r\n--\r\r\n-\n--${boundary}--`),
  randomBytes(70_000),
  Buffer.from('\r\n'),
])
const source = join(base.path, 'source.bin')
const digest = sha256(content)
let server: ServerProcess
let url = ''

beforeAll(async () => {
  writeFileSync(source, content)
  server = await startServer('node', store)
  url = `http://127.0.0.1:${server.port}/uploads`
})

afterAll(async () => {
  await server.stop()
  base.remove()
})

describe.skipIf(!hasCurl)('curl', () => {
  it('-F sends one file', async () => {
    expect(await curl('-F', `file=@${source};filename=curl.bin`, url)).toBe(201)
    expect(stored('curl.bin')).toBe(digest)
  })

  it('-F sends several files and fields', async () => {
    const other = join(base.path, 'other.bin')
    writeFileSync(other, content.subarray(1))
    const files = ['-F', `file[0]=@${source};filename=first.bin`, '-F', `file[1]=@${other};filename=second.bin`]
    expect(await curl('-F', 'title=Two files', ...files, '-F', 'last=1', url)).toBe(201)
    expect([stored('first.bin'), stored('second.bin')]).toEqual([digest, sha256(content.subarray(1))])
  })

  it.each([
    'Grüße & 100 % – 写真 🎈.bin',
    'semi;colon, comma.bin',
    "it's $HOME.bin",
    ' spaces  inside .bin',
    '.hidden',
    'no-extension',
    'a=b%22c.bin',
  ])('-F sends a file named %s', async name => {
    expect(await curl('-F', `file=@${source};filename="${name}"`, url)).toBe(201)
    // What curl writes is decoded as a browser's name would be.
    expect(stored(cleanFilename(name.replaceAll('%22', '"')))).toBe(digest)
  })

  it('-T sends a raw body with ?name=', async () => {
    expect(await curl('-X', 'POST', '-T', source, `${url}?name=put%20me.bin`)).toBe(201)
    expect(stored('put me.bin')).toBe(digest)
  })

  it('-T - sends a raw body of unknown length', async () => {
    const child = spawn('curl', ['-sS', '-X', 'POST', '-T', '-', '-w', '%{http_code}', `${url}?name=piped.bin`])
    createReadStream(source).pipe(child.stdin.on('error', () => {}))
    const output = (await child.stdout.setEncoding('utf8').toArray()).join('')
    expect(output.slice(-3)).toBe('201')
    expect(stored('piped.bin')).toBe(digest)
  })

  it.each([
    { how: 'a form', args: ['-F', `file=@${source};filename=gone.bin`], query: '' },
    { how: 'a raw body', args: ['-X', 'POST', '-T', source], query: '?name=gone.bin' },
  ])('killed in the middle of $how leaves nothing within 250 ms', async ({ args, query }) => {
    const child = spawn('curl', ['-s', '--limit-rate', '600k', ...args, url + query])
    await waitFor(() => temporaries().some(file => statSync(file).size > 0), 5_000)
    child.kill('SIGKILL')
    const killed = performance.now()
    await waitFor(() => temporaries().length === 0, 2_000)
    expect(performance.now() - killed).toBeLessThan(250)
    expect(existsSync(join(store, 'gone.bin'))).toBe(false)
  })
})

describe('Node', () => {
  it('fetch with FormData sends several files', async () => {
    const form = new FormData()
    form.append('note', 'before')
    form.append('file', new Blob([content]), 'fetch-1.bin')
    form.append('file', new Blob([content.subarray(5)]), 'fetch "2".bin')
    const answer = await fetch(url, { method: 'POST', body: form })
    expect(answer.status, await answer.text()).toBe(201)
    expect(stored('fetch-1.bin')).toBe(digest)
    expect(stored(cleanFilename('fetch "2".bin'))).toBe(sha256(content.subarray(5)))
  })
})

describe('Python (needs python3)', () => {
  it.skipIf(!hasPython)('http.client sends a form', async () => {
    expect(await python('http-client.py', 'python.bin')).toBe(201)
    expect(stored('python.bin')).toBe(digest)
  })

  it.skipIf(!hasRequests)('requests sends a form', async () => {
    expect(await python('requests-client.py', 'requests.bin')).toBe(201)
    expect(stored('requests.bin')).toBe(digest)
  })
})

describe('a raw socket', () => {
  const sizes = [1, 2, 3, 5, 7, 13, 61, 997, 4_093, 16_381, 65_537]

  it.each([
    { writes: 'odd sizes', sizes },
    { writes: '1,021 bytes', sizes: [1_021] },
    { writes: '65,537 bytes', sizes: [65_537] },
  ])('sends a form in writes of $writes', async ({ writes, sizes }) => {
    const name = `raw ${writes}.bin`
    const body = form(name, content)
    const head = `Content-Length: ${body.length}\r\n\r\n`
    expect(await raw(head, cut(body, sizes))).toBe(201)
    expect(stored(name)).toBe(digest)
  })

  it('sends a form in HTTP chunks of odd sizes', async () => {
    expect(await raw('Transfer-Encoding: chunked\r\n\r\n', chunked(cut(form('chunked.bin', content), sizes)))).toBe(201)
    expect(stored('chunked.bin')).toBe(digest)
  })

  it('sends a form byte by byte', async () => {
    const few = content.subarray(-70_100)
    const body = form('bytes.bin', few.subarray(0, 300))
    expect(await raw(`Content-Length: ${body.length}\r\n\r\n`, cut(body, [1]))).toBe(201)
    expect(stored('bytes.bin')).toBe(sha256(few.subarray(0, 300)))
  })
})

/** Runs curl; its answer's status. */
async function curl(...args: string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('curl', [
    '-sS',
    '-o',
    join(base.path, 'answer'),
    '-w',
    '%{http_code}',
    ...args,
  ])
  return Number(stdout)
}

/** Runs one of the Python clients; its answer's status. */
async function python(script: string, name: string): Promise<number> {
  const program = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await promisify(execFile)('python3', [program, String(server.port), source, name])
  return Number(stdout)
}

/** Writes piece after piece to a socket; the status of the answer. */
async function raw(rest: string, pieces: Iterable<Uint8Array>): Promise<number> {
  const client = await RawClient.connect(server.port)
  client.socket.setNoDelay(true)
  await client.write(
    `POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary="${boundary}"\r\n${rest}`,
  )
  for (const piece of pieces) await client.write(piece)
  const { status } = await client.answer()
  client.socket.destroy()
  return status
}

function form(name: string, bytes: Uint8Array): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

/** Pieces of these sizes, over and over; past the first 200 the small ones are left out, for time's sake. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  const large = sizes.filter(size => size > 900)
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const list = turn < 200 || large.length === 0 ? sizes : large
    const size = list[turn % list.length] as number
    yield bytes.subarray(at, at + size)
    at += size
  }
}

function* chunked(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) {
    yield Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
  }
  yield Buffer.from('0\r\n\r\n')
}

/** The digest of a stored file; the error of reading it if there is none. */
function stored(name: string): string {
  return sha256(readFileSync(join(store, name)))
}

/** What lies in the hidden folder. */
function temporaries(): string[] {
  const hidden = join(store, '.dropgate')
  return existsSync(hidden) ? readdirSync(hidden).map(name => join(hidden, name)) : []
}

async function waitFor(condition: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain.`)
    await delay(5)
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
