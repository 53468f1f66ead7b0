/**
 * A server of the built package that gives a slow body less time than usual.
 *
 * `node server.mjs <folder> <window, ms>` prints its port and ends when its standard input does. A line of input makes it
 * collect garbage (with `--expose-gc`) and say so. With `idle` as a third argument nothing of the package is at work: what
 * Node takes by itself.
 */
import { createServer } from 'node:http'
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { nodeUploads, prepareServer } from 'dropgate/node'

const [folder, window, idle] = process.argv.slice(2)
const uploads = dropgate({ storage: diskStorage(folder), log: () => {} })
const server =
  idle === 'idle'
    ? createServer(req => req.resume())
    : prepareServer(createServer(nodeUploads(uploads, { rateWindowMs: Number(window) })))
server.requestTimeout = 0
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port))
process.stdin
  .on('data', () => {
    for (let i = 0; i < 3; i++) globalThis.gc?.()
    console.log('collected')
  })
  .on('end', () => process.exit())
