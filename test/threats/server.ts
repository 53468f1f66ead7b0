/**
 * The server under attack: a process of its own, so that its descriptors and its memory are its own, and an error that
 * nobody catches ends it as it would end anybody's. It is told over IPC what to serve.
 */
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type DiskStorage, diskStorage } from '../../src/disk.ts'
import { type DropgateOptions, dropgate, type Storage, UploadError } from '../../src/index.ts'
import { nodeUploads, prepareServer, receiveFiles } from '../../src/node.ts'
import { inspectorsOf } from './inspectors.ts'
import type { Facts, Order, Reply, ServerConfig } from './orders.ts'

interface Counters {
  readonly open: Set<Socket>
  read: number
  stored: number
  log: string[]
}

const running = new Map<number, Counters>()

process.on('message', (order: Order) => {
  if ('start' in order) start(order.start, order.folder, port => reply(order.id, port))
  else reply(order.id, factsOf(order.facts))
})
process.on('disconnect', () => process.exit())

function reply(id: number, answer: number | Facts): void {
  process.send?.({ id, answer } satisfies Reply)
}

function start(config: ServerConfig, folder: string, ready: (port: number) => void): void {
  const counters: Counters = { open: new Set(), read: 0, stored: 0, log: [] }
  const disk = diskStorage(folder)
  const storage = config.resumable ? counting(disk, counters) : watched(disk, counters, config.faults ?? false)
  const options: DropgateOptions = {
    storage,
    log: line => void counters.log.push(line),
    ...(config.policy && { policy: config.policy }),
    ...(config.naming && { naming: config.naming }),
    ...(config.inspect && { inspectors: inspectorsOf(config.inspect) }),
    ...(config.faults && failingHooks),
  }
  const uploads = dropgate(options)
  const endpoint = nodeUploads(uploads, config.bridge)
  const fields = receiveFiles(
    uploads,
    async (files, _req, res) => {
      for await (const file of files) await file.save()
      res.end(JSON.stringify([...files.fields]))
    },
    config.bridge,
  )
  const { requestTimeout = 300_000 } = config
  // Node takes the larger of the two for the limit of the request.
  const headersTimeout = Math.min(requestTimeout, 20_000)
  const server = prepareServer(
    createServer({ requestTimeout, headersTimeout }, (req, res) =>
      req.url === '/fields' ? fields(req, res) : endpoint(req, res),
    ),
    { headersTimeout },
  )
  server.on('connection', socket => {
    counters.open.add(socket)
    socket.on('close', () => {
      counters.open.delete(socket)
      counters.read += socket.bytesRead
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    running.set(port, counters)
    ready(port)
  })
}

function factsOf(port: number): Facts {
  const { open, read, stored, log } = running.get(port) as Counters
  const still = [...open].reduce((sum, socket) => sum + socket.bytesRead, 0)
  return { read: read + still, stored, log, prototype: Reflect.ownKeys(Object.prototype).map(String).sort() }
}

/** All that the disk storage can do, with a count of the bytes it is given. */
function counting(disk: DiskStorage, counters: Counters): Storage {
  const count = (spans: readonly Uint8Array[]) => {
    for (const span of spans) counters.stored += span.length
  }
  const { append } = disk
  disk.append = (id, offset, spans, last) => {
    count(spans)
    return append.call(disk, id, offset, spans, last)
  }
  const { resumable } = disk
  if (resumable) {
    const { write } = resumable
    resumable.write = (id, offset, spans) => {
      count(spans)
      return write.call(resumable, id, offset, spans)
    }
  }
  return disk
}

/** A storage that counts what it is given, and breaks where a file's name says so. */
function watched(disk: Storage, counters: Counters, faults: boolean): Storage {
  const names = new Map<string, string>()
  const at = (point: string, id: string) => (faults ? trip(point, names.get(id) ?? '') : undefined)
  return {
    readAt: (...given) => (disk.readAt as NonNullable<Storage['readAt']>)(...given),
    prepare: async () => disk.prepare?.(),
    create: async upload => {
      names.set(upload.id, upload.name)
      await at('create', upload.id)
      await disk.create(upload)
    },
    append: async (id, offset, spans) => {
      await at('append', id)
      for (const span of spans) counters.stored += span.length
      await disk.append(id, offset, spans)
    },
    commit: async list => {
      for (const { id } of list) await at('commit', id)
      return disk.commit(list)
    },
    remove: async id => {
      await disk.remove(id)
      await at('remove', id)
    },
    stat: id => disk.stat(id),
    ...(disk.delete && { delete: name => (disk.delete as NonNullable<Storage['delete']>)(name) }),
  }
}

const failingHooks = {
  onUploadCreate: ({ name }) => trip('onUploadCreate', name),
  validate: ({ name }) => trip('validate', name),
  naming: async ({ name }) => {
    await trip('naming', name)
    return name
  },
  onUploadFinish: ({ originalName }) => trip('onUploadFinish', originalName),
} satisfies Partial<DropgateOptions>

/** Fails at `point` if the name says so: with 0 turns before any promise is made, else so many turns later. */
function trip(point: string, name: string): Promise<void> | undefined {
  const [, kind, number] = /^([A-Za-z]+)-(\d+)\.bin$/.exec(name) ?? []
  if (kind === 'slow' && point === 'append') return new Promise(resolve => setTimeout(resolve, Number(number)))
  if (kind !== point) return undefined
  if (number === '0') throw failure(point)
  return turns(Number(number)).then(() => {
    throw failure(point)
  })
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

/** A storage says what went wrong; a hook of the app throws whatever it likes, secrets included. */
function failure(point: string): Error {
  if (point in failingHooks) return new Error('secret: EACCES /etc/shadow\r\n\u001b[31m')
  return new UploadError('storage-failed', undefined, { cause: new Error('secret: EIO /dev/sda') })
}
