/** A Dropgate app as it stands behind a proxy. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, dropgate } from '../../src/index.ts'
import { nodeUploads, prepareServer } from '../../src/node.ts'

export interface Backend {
  readonly port: number
  readonly folder: string
  /** Bytes of the newest request's body that have come so far. */
  received(): number
  stop(): Promise<void>
}

/** Serves uploads on a folder that is gone after `stop`. */
export async function startBackend(options: Omit<DropgateOptions, 'storage'> = {}): Promise<Backend> {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-backend-'))
  const uploads = dropgate({ storage: diskStorage(folder), log: () => {}, ...options })
  const server = prepareServer(createServer(nodeUploads(uploads)))
  let newest: { readonly socket: Socket; readonly before: number } | undefined
  // The head has been read by now, and what of the body came with it.
  server.prependListener('request', ({ socket }) => {
    newest = { socket, before: socket.bytesRead }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    folder,
    received: () => (newest ? newest.socket.bytesRead - newest.before : 0),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await uploads.close(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
