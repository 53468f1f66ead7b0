/** A TCP proxy that can cut what runs through it. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  /** Bytes from clients to the server, over all connections. */
  readonly sent: number
  /** Cuts the connection that carries the next so many bytes towards the server; once. */
  cutAfter(bytes: number): void
  /** How many connections were cut. */
  readonly cuts: number
  close(): Promise<void>
}

/** Listens on a free port in front of `target`. */
export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let sent = 0
  let cuts = 0
  let budget = Number.POSITIVE_INFINITY
  const server = createServer(client => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', chunk => {
      sent += chunk.length
      budget -= chunk.length
      if (budget < 0) {
        budget = Number.POSITIVE_INFINITY
        cuts++
        // What came before the cut still arrives.
        upstream.write(chunk.subarray(0, chunk.length >> 1), () => client.resetAndDestroy())
        return
      }
      if (!upstream.write(chunk)) {
        client.pause()
        upstream.once('drain', () => client.resume())
      }
    })
    upstream.on('data', chunk => client.write(chunk))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return sent
    },
    get cuts() {
      return cuts
    },
    cutAfter(bytes) {
      budget = bytes
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
