/** Thousands of senders that hardly send, and a few honest ones among them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { residentMemory, temporaryFolder } from '../support/server-process.ts'

const boundary = 'crowd'
const partHead = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`
const slowHead =
  'POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n' +
  `Content-Type: multipart/form-data; boundary=${boundary}\r\n\r\n${partHead}`

/** How large a crowd, and how long it may stay. */
export interface CrowdOptions {
  readonly connections: number
  /** Milliseconds after which a body slower than 1 KiB/s is refused. */
  readonly windowMs: number
  /** Milliseconds between two bytes of a slow sender. */
  readonly dripMs: number
  /** Honest uploads of 16 KiB, one after the other, while all of the crowd is there. */
  readonly good: number
}

/** What was seen. */
export interface CrowdReport {
  /** Bytes of resident memory above idle while all were there. */
  readonly memory: number
  /** Descriptors above idle while all were there. */
  readonly descriptors: number
  /** Milliseconds of each honest upload, sorted. */
  readonly good: readonly number[]
  /** How often each answer came to a slow sender; `none` where there was none. */
  readonly answers: ReadonlyMap<string, number>
  /** Temporary files left at the end. */
  readonly left: readonly string[]
}

/** Lets a crowd come, waits until it has been sent away, and tells what was seen. Linux only. */
export async function crowd(options: CrowdOptions): Promise<CrowdReport> {
  const folder = temporaryFolder()
  const program = fileURLToPath(new URL('server.mjs', import.meta.url))
  const server = spawn(process.execPath, [program, folder.path, String(options.windowMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const port = Number(String((await once(server.stdout, 'data'))[0]))
    const pid = server.pid as number
    // The first uploads compile the code and fill the pools.
    for (let i = 0; i < 20; i++) await goodUpload(port)
    const idle = { memory: residentMemory(pid).now, descriptors: descriptorsOf(pid) }
    const senders = await gather(port, options)
    const good: number[] = []
    for (let i = 0; i < options.good; i++) good.push(await goodUpload(port))
    const memory = residentMemory(pid).now - idle.memory
    const descriptors = descriptorsOf(pid) - idle.descriptors
    const answers = new Map<string, number>()
    for (const answer of await Promise.all(senders.map(({ answer: of }) => of))) {
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
    await goodUpload(port)
    const left = readdirSync(`${folder.path}/.dropgate`)
    return { memory, descriptors, good: good.sort((a, b) => a - b), answers, left }
  } finally {
    const gone = once(server, 'exit')
    server.stdin.end()
    await gone
    folder.remove()
  }
}

/** The figure below which 99 of 100 lie. */
export function p99(sorted: readonly number[]): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] as number
}

interface Sender {
  /** Status and text; resolves when the connection is closed. */
  readonly answer: Promise<string>
}

async function gather(port: number, { connections, dripMs }: CrowdOptions): Promise<Sender[]> {
  const senders: Sender[] = []
  // In gusts: the kernel's queue of new connections is short.
  while (senders.length < connections) {
    const gust = Array.from({ length: Math.min(200, connections - senders.length) }, () => slowSender(port, dripMs))
    senders.push(...(await Promise.all(gust)))
  }
  return senders
}

async function slowSender(port: number, dripMs: number): Promise<Sender> {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.on('data', chunk => (said += chunk)).on('error', () => {})
  await once(socket, 'connect')
  socket.write(slowHead)
  const drip = setInterval(() => socket.write('x'), dripMs)
  const answer = once(socket, 'close').then(() => {
    clearInterval(drip)
    return said === '' ? 'none' : `${said.slice(9, 12)} ${said.split('\r\n\r\n', 2)[1]}`
  })
  return { answer }
}

/** @returns milliseconds until the answer */
async function goodUpload(port: number): Promise<number> {
  const body = `${partHead}${'y'.repeat(16 * 1024)}\r\n--${boundary}--\r\n`
  const started = performance.now()
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /uploads HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n` +
      `Content-Type: multipart/form-data; boundary=${boundary}\r\n\r\n${body}`,
  )
  const status = await statusOf(socket)
  if (status !== '201') throw new Error(`an honest upload got ${status}`)
  return performance.now() - started
}

async function statusOf(socket: Socket): Promise<string> {
  let said = ''
  for await (const chunk of socket) said += String(chunk)
  return said.slice(9, 12)
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
