/** Servers and clients of one test, closed after it. */
import type { Server } from 'node:http'
import { afterEach } from 'vitest'
import { listen, RawClient } from './raw-client.ts'

const servers: Server[] = []
const clients: RawClient[] = []

export async function serve(server: Server): Promise<number> {
  servers.push(server)
  return listen(server)
}

/** For a server that listens already. */
export function closeLater(server: Server): void {
  servers.push(server)
}

export async function client(port: number, options?: { reading?: boolean }): Promise<RawClient> {
  const made = await RawClient.connect(port, options)
  clients.push(made)
  return made
}

export function head(method: string, target: string, ...lines: string[]): string {
  return [`${method} ${target} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n')
}

afterEach(async () => {
  for (const one of clients.splice(0)) one.socket.destroy()
  for (const one of servers.splice(0)) {
    one.closeAllConnections()
    await new Promise(resolve => one.close(resolve))
  }
})
