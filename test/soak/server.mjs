/**
 * A server of the built package that gives a slow body less time than usual.
 *
 * `node server.mjs <folder> <window, ms>` prints its port and ends when its standard input does.
 */
import { createServer } from 'node:http'
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { nodeUploads, prepareServer } from 'dropgate/node'

const [folder, window] = process.argv.slice(2)
const uploads = dropgate({ storage: diskStorage(folder), log: () => {} })
const server = prepareServer(createServer(nodeUploads(uploads, { rateWindowMs: Number(window) })))
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
