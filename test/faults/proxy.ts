/** A bad network: a TCP proxy that cuts, stalls, slices and slows what goes through it. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** What befalls one connection on its way to the server. Nothing, if nothing is said. */
export interface Fate {
  /** Bytes after which it ends: by RST at both sides, by an early FIN, or by silence. */
  readonly after?: number
  readonly by?: 'reset' | 'fin' | 'silence'
  /** Bytes per piece that is passed on. */
  readonly slice?: number
  /** Milliseconds between two pieces. */
  readonly pause?: number
}

/** A running proxy. */
export interface Proxy {
  readonly port: number
  /** Bytes that were passed on to the server, all connections together. */
  readonly passed: () => number
  /** Connections so far. */
  readonly connections: () => number
}

/** Starts a proxy before `port`; it is gone at the end of the test. @param fateOf of the n-th connection, from 0 */
export async function startProxy(port: number, fateOf: (number: number) => Fate): Promise<Proxy> {
  let [passed, connections] = [0, 0]
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [near, far]) {
      open.add(socket.setNoDelay())
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    far.pipe(near)
    void carry(near, far, fateOf(connections++), bytes => (passed += bytes))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, passed: () => passed, connections: () => connections }
}

/** Passes bytes on until the end, or until fate strikes. Awaiting each write keeps the sender as slow as the way is. */
async function carry(near: Socket, far: Socket, fate: Fate, onPassed: (bytes: number) => void): Promise<void> {
  const { after = Number.POSITIVE_INFINITY, slice = 65_536, pause = 0 } = fate
  let left = after
  try {
    // Leaving the loop must not end the connection: its end is fate's business.
    for await (const chunk of near.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + Math.min(slice, left))
        at += piece.length
        left -= piece.length
        await new Promise<void>((resolve, reject) => far.write(piece, error => (error ? reject(error) : resolve())))
        onPassed(piece.length)
        if (left === 0) return strike(near, far, fate.by ?? 'reset')
        if (pause > 0) await wait(pause)
      }
    }
    far.end()
  } catch {
    near.destroy()
    far.destroy()
  }
}

function strike(near: Socket, far: Socket, by: NonNullable<Fate['by']>): void {
  if (by === 'fin') {
    far.end()
    near.end()
  } else if (by === 'reset') {
    far.resetAndDestroy()
    near.resetAndDestroy()
  }
  // Silence: both sides go on waiting.
}
