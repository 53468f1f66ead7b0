/** The inspectors of the server under attack, by what its configuration calls them. */
import { createServer } from 'node:net'
import { clamav, type Inspector, imageLimit, zipLimit } from '../../src/inspect.ts'
import { fileTypeOf } from '../../src/inspectors/file-type.ts'
import type { ServerConfig } from './orders.ts'

type Name = NonNullable<ServerConfig['inspect']>[number]

export function inspectorsOf(names: readonly Name[]): readonly Inspector[] {
  return names.map(name => makers[name]())
}

const endless = 'data:text/javascript,export async function fileTypeFromBuffer() { for (;;) {} }'

const makers: Record<Name, () => Inspector> = {
  image: imageLimit,
  zip: zipLimit,
  troublesome: () => ({
    timeLimit: 700,
    inspect: (file, context) => {
      if (file.name.startsWith('throws')) throw new TypeError('secret: /etc/shadow')
      if (file.name.startsWith('never')) return new Promise(() => {})
      if (file.name.startsWith('endless')) return fileTypeOf({ timeLimit: 300 }, () => endless).inspect(file, context)
      return undefined
    },
  }),
  deadScanner: () => {
    const dead = clamav({ path: '/nowhere/clamd.sock' })
    // The good upload that follows each row is let pass.
    return { inspect: (file, context) => (file.name.startsWith('good') ? undefined : dead.inspect(file, context)) }
  },
  scanner,
}

/** Speaks clamd's language; calls everything a virus that says so itself. */
function scanner(): Inspector {
  const server = createServer(socket => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', bytes => {
      text += bytes.toString('latin1')
      if (!text.endsWith('\0\0\0\0')) return
      socket.end(text.includes('virus') ? 'stream: Test.Virus FOUND\0' : 'stream: OK\0')
    })
  })
  server.unref()
  const listening = new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  return { inspect: async (file, context) => clamav({ port: await listening }).inspect(file, context) }
}
