/**
 * Uploads side by side: Dropgate (fsync on and off), multer, and `request.pipe(createWriteStream)`, which parses
 * nothing and checks nothing.
 *
 * `npm run build && node bench/upload.mjs [rounds]`. Each contender is a process of its own; the sender is this one.
 * Prints the median of the rounds, and ratios to the pipe. Trust the ratios: the machine's own speed cancels out.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MiB = 1024 * 1024
const block = randomBytes(MiB)
const largeBlocks = 512
const smallFiles = 500
const connections = 4
const boundary = 'WebKitFormBoundaryBench'

const contenders = {
  pipe: servePipe,
  multer: serveMulter,
  'dropgate, durable: false': folder => serveDropgate(folder, false),
  dropgate: folder => serveDropgate(folder, true),
}

if (process.send) {
  const server = await contenders[process.argv[2]](process.argv[3])
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
} else {
  await compare(Number(process.argv[2] ?? 3))
}

async function servePipe(folder) {
  let count = 0
  return createServer((req, res) => {
    req.pipe(createWriteStream(join(folder, `file-${count++}`))).on('finish', () => res.writeHead(201).end())
  })
}

async function serveMulter(folder) {
  const [{ default: express }, { default: multer }] = await Promise.all([import('express'), import('multer')])
  const app = express()
  app.post('/uploads', multer({ dest: folder }).any(), (_req, res) => res.status(201).end())
  return createServer(app)
}

async function serveDropgate(folder, durable) {
  const [{ dropgate }, { diskStorage }, { nodeUploads, prepareServer }] = await Promise.all([
    import('dropgate'),
    import('dropgate/disk'),
    import('dropgate/node'),
  ])
  const storage = diskStorage(folder, { durable })
  return prepareServer(createServer(nodeUploads(dropgate({ storage, policy: { maxFileSize: '1 GiB' } }))))
}

async function compare(rounds) {
  const results = Object.fromEntries(Object.keys(contenders).map(name => [name, { large: [], small: [] }]))
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(contenders)) {
      const { large, small } = await measure(name)
      results[name].large.push(large)
      results[name].small.push(small)
    }
  }
  const base = { large: median(results.pipe.large), small: median(results.pipe.small) }
  console.log(`Node ${process.version}, ${rounds} rounds, median (x pipe)`)
  console.log(
    `${''.padEnd(26)}${`${largeBlocks} MiB in one form`.padStart(24)}${`${smallFiles} x 16 KiB`.padStart(24)}`,
  )
  for (const [name, { large, small }] of Object.entries(results)) {
    const cell = (value, reference, unit) =>
      `${value.toFixed(0)} ${unit} (${(value / reference).toFixed(2)})`.padStart(24)
    console.log(name.padEnd(26) + cell(median(large), base.large, 'MiB/s') + cell(median(small), base.small, 'files/s'))
  }
}

async function measure(name) {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-bench-'))
  const child = fork(fileURLToPath(import.meta.url), [name, folder])
  const port = await new Promise((resolve, reject) => child.once('message', resolve).once('exit', reject))
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  try {
    await post(port, agent, 'warm-up.bin', 64, block)
    const largeSeconds = await timed(() => post(port, agent, 'large.bin', largeBlocks, block))
    const small = block.subarray(0, 16 * 1024)
    const names = Array.from({ length: smallFiles }, (_, index) => `small-${index}.bin`)
    const smallSeconds = await timed(() => Promise.all(names.map(file => post(port, agent, file, 1, small))))
    const stored = readdirSync(folder).filter(file => !file.startsWith('.')).length
    if (stored !== smallFiles + 2) throw new Error(`${name} stored ${stored} files`)
    return { large: largeBlocks / largeSeconds, small: smallFiles / smallSeconds }
  } finally {
    agent.destroy()
    child.disconnect()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Posts one file of `count` times `piece` as a form. */
function post(port, agent, name, count, piece) {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  const headers = {
    'Content-Type': `multipart/form-data; boundary=${boundary}`,
    'Content-Length': head.length + count * piece.length + tail.length,
  }
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', agent, method: 'POST', path: '/uploads', headers }, res => {
      res.resume().once('end', () => (res.statusCode === 201 ? resolve() : reject(new Error(`${res.statusCode}`))))
    })
    req.once('error', reject)
    req.write(head)
    let sent = 0
    const more = () => {
      while (sent++ < count) if (!req.write(piece)) return req.once('drain', more)
      req.end(tail)
    }
    more()
  })
}

async function timed(action) {
  const start = performance.now()
  await action()
  return (performance.now() - start) / 1000
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
