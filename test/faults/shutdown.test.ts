/** SIGTERM: what cannot be continued is finished, what can is stopped with its offset kept, nothing new is taken. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Command, startCommand } from './command.ts'
import { Ledger } from './ledger.ts'
import { begin, contentOf, offsetOf, resume } from './senders.ts'

/** A connection by hand, to stop in the middle of a request. */
interface Wire {
  readonly socket: Socket
  /** Resolves with what has come when a whole sentence of an answer is there. */
  readonly answer: Promise<string>
}

function wire({ port }: Command, ...first: (string | Uint8Array)[]): Wire {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let said = ''
  socket.on('error', () => {})
  const answer = new Promise<string>(resolve => {
    socket.setEncoding('latin1').on('data', chunk => {
      said += chunk
      if (/\r\n\r\n./.test(said)) resolve(said)
    })
    socket.once('close', () => resolve(said))
  })
  for (const piece of first) socket.write(piece)
  return { socket, answer }
}

function head(method: string, path: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

test('SIGTERM: forms finish, resumables stop with their offset, new uploads get 503, and it exits with 0', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-term-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await startCommand(folder)
  const ledger = new Ledger()
  const [size, came] = [1_000_000, 300_000]
  const uploads = await Promise.all((['tus', 'ietf'] as const).map(name => begin(server, ledger, name, name, size)))
  const [tus, ietf] = uploads
  if (!tus || !ietf) throw new Error('an upload was refused')
  const length = { 'Upload-Offset': 0, 'Content-Length': size }
  const tusHead = { 'Tus-Resumable': '1.0.0', 'Content-Type': 'application/offset+octet-stream', ...length }
  const ietfHead = { 'Upload-Complete': '?1', 'Content-Type': 'application/partial-upload', ...length }
  const running = [
    wire(server, head('PATCH', tus.path, tusHead), contentOf('tus', size).subarray(0, came)),
    wire(server, head('PATCH', ietf.path, ietfHead), contentOf('ietf', size).subarray(0, came)),
  ]
  const form = ledger.expect('form.bin', 50_000)
  const formHead = head('POST', '/uploads?name=form.bin', {
    'Content-Type': 'application/octet-stream',
    'Content-Length': form.length,
  })
  const slow = wire(server, formHead, form.subarray(0, 20_000))
  // The head is under way when the signal comes, so the connection is not idle and the request is a new one.
  const late = wire(server, 'POST /uploads?name=late.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n')
  await wait(300)

  const signalled = performance.now()
  const ended = server.end('SIGTERM')
  for (const { answer, socket } of running) {
    expect(await answer).toMatch(
      /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 2\r\n[\s\S]*The server is restarting\. Please try again\./i,
    )
    // As a client does that goes on later; else the server would listen to the rest for a while.
    socket.destroy()
  }
  expect(performance.now() - signalled, 'the resumables were cut at once').toBeLessThan(5000)
  late.socket.write('Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nlate')
  expect(await late.answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 2\r\n/i)
  slow.socket.write(form.subarray(20_000))
  expect(await slow.answer).toMatch(/^HTTP\/1\.1 201 /)
  ledger.acknowledged.add('form.bin')
  expect(await ended).toEqual([0, null])
  expect(performance.now() - signalled).toBeLessThan(30_000)

  const restarted = await startCommand(folder)
  for (const upload of [tus, ietf]) {
    expect(await offsetOf(restarted, upload), upload.protocol).toBe(came)
    expect(await resume(restarted, ledger, upload)).toBeUndefined()
  }
  expect(await ledger.judge(folder)).toEqual([])
})
