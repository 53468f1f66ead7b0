/** A client on a bare socket: it decides when it writes, when it reads and how it goes. */
import type { AddressInfo, Server as NetServer } from 'node:net'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Listens on a free port of the loopback interface. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  return (server.address() as AddressInfo).port
}

export class RawClient {
  readonly socket: Socket
  /** Everything received so far, as Latin-1. */
  text = ''
  error: NodeJS.ErrnoException | undefined
  /** The server has half-closed. */
  ended = false
  closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => (this.text += chunk.toString('latin1')))
    socket.on('error', error => (this.error = error))
    socket.on('end', () => (this.ended = true))
    socket.on('close', () => (this.closed = true))
  }

  /** Connects; `reading: false` leaves everything in the kernel until `socket.resume()`. */
  static async connect(port: number, { reading = true } = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const client = new RawClient(socket)
    if (!reading) socket.pause()
    return client
  }

  /** Writes; resolves when the kernel has taken it, or the connection is gone. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise(resolve => {
      const gone = () => resolve()
      this.socket.once('close', gone)
      this.socket.write(data, () => {
        this.socket.off('close', gone)
        resolve()
      })
    })
  }

  /** Writes zeros until all are out or the connection is gone; returns how many the kernel took. */
  async writeZeros(bytes: number): Promise<number> {
    const block = new Uint8Array(256 * 1024)
    let sent = 0
    while (sent < bytes && !this.closed && this.error === undefined) {
      const part = block.subarray(0, Math.min(block.length, bytes - sent))
      await this.write(part)
      if (this.error === undefined && !this.closed) sent += part.length
    }
    return sent
  }

  /** Waits until `condition` holds. */
  async until(condition: () => boolean, ms = 5_000): Promise<void> {
    const end = performance.now() + ms
    while (!condition()) {
      if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain; received: ${JSON.stringify(this.text)}`)
      await delay(5)
    }
  }

  /** Waits for the next whole answer (by Content-Length), takes it out of `text` and returns it. */
  async answer(ms?: number): Promise<{ status: number; head: string; body: string }> {
    let end = -1
    await this.until(() => (end = endOfAnswer(this.text)) >= 0, ms)
    const whole = this.text.slice(0, end)
    this.text = this.text.slice(end)
    const split = whole.indexOf('\r\n\r\n')
    return { status: Number(whole.slice(9, 12)), head: whole.slice(0, split), body: whole.slice(split + 4) }
  }
}

function endOfAnswer(text: string): number {
  const split = text.indexOf('\r\n\r\n')
  if (split < 0) return -1
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, split))?.[1] ?? 0)
  return text.length >= split + 4 + length ? split + 4 + length : -1
}
