/** What a server keeps for each sender that has stopped after its first KiB. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { residentMemory, temporaryFolder } from '../support/server-process.ts'

const boundary = 'held'
const begun =
  'POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n' +
  `Content-Type: multipart/form-data; boundary=${boundary}\r\n\r\n--${boundary}\r\n` +
  `Content-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n${'x'.repeat(1024)}`

/**
 * V8's young generation grows once with whatever is kept, to as much as 32 MiB for the whole process, however many senders
 * there are: it is held at its least, so that what is seen is theirs.
 */
const nodeOptions = ['--expose-gc', '--max-semi-space-size=1']

/** What the server runs on. */
const userNode = process.env.npm_node_execpath ?? process.execPath

/** For each sender. */
export interface Held {
  /** Bytes of resident memory. */
  readonly memory: number
  readonly descriptors: number
}

/**
 * Lets senders come and stop, and looks at the server after a garbage collection. Linux only.
 * @param kind `idle`: a Node server that does nothing
 */
export async function heldEach(kind: 'uploads' | 'idle', senders: number): Promise<Held> {
  const folder = temporaryFolder()
  const program = fileURLToPath(new URL('server.mjs', import.meta.url))
  const server = spawn(userNode, [...nodeOptions, program, folder.path, '600000', kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const sockets: Socket[] = []
  try {
    const port = Number(String((await once(server.stdout, 'data'))[0]))
    // The first ones compile the code and fill the pools.
    for (const socket of await begin(port, 300)) socket.destroy()
    const before = await look(server)
    while (sockets.length < senders) sockets.push(...(await begin(port, 100)))
    const during = await look(server)
    return {
      memory: (during.memory - before.memory) / senders,
      descriptors: (during.descriptors - before.descriptors) / senders,
    }
  } finally {
    for (const socket of sockets) socket.destroy()
    const gone = once(server, 'exit')
    server.stdin.end()
    await gone
    folder.remove()
  }
}

function begin(port: number, count: number): Promise<Socket[]> {
  const one = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    socket.write(begun)
    return socket
  }
  return Promise.all(Array.from({ length: count }, one))
}

async function look(server: ChildProcessByStdio<Writable, Readable, null>): Promise<Held> {
  const pid = server.pid as number
  await delay(500)
  const collected = once(server.stdout, 'data')
  server.stdin.write('collect\n')
  await collected
  await delay(200)
  return { memory: residentMemory(pid).now, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}
