/**
 * The bound of small requests: the very calls that Dropgate makes for a small file, through held folders as it does, and
 * its answer, for all requests of a turn of the event loop in a row; but no parser, no check, no policy, and one file a
 * request, which begins behind the first empty line and ends before the last delimiter.
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = []
export const wires = ['form']

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const id = '0123456789abcdef'.repeat(2)
const owner = '12345.12345678.0123456789ab.0123456789ab.tmp'

export function start({ folder }) {
  const hidden = join(folder, '.hidden')
  mkdirSync(hidden)
  const [visible, temporaries] = [folder, hidden].map(path => `/proc/self/fd/${openSync(path, 'r')}/`)
  let count = 0
  const keep = bytes => {
    const name = `file-${count++}`
    const temporary = `${temporaries}${name}.${id}.${owner}`
    const file = openSync(temporary, flags, 0o600)
    writeSync(file, bytes)
    fstatSync(file, { bigint: true })
    closeSync(file)
    linkSync(temporary, visible + name)
    unlinkSync(temporary)
    return { id, name, size: bytes.length, type: 'application/octet-stream' }
  }
  let waiting = []
  const endTurn = () => {
    const all = waiting
    waiting = []
    statSync(folder)
    for (const work of all) work()
  }
  return createServer((req, res) => {
    const chunks = []
    req.on('data', chunk => chunks.push(chunk))
    req.on('end', () => {
      if (waiting.length === 0) setImmediate(endTurn)
      waiting.push(() => {
        const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
        const file = keep(body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--')))
        res.statusCode = 201
        res.setHeader('x-content-type-options', 'nosniff')
        res.setHeader('cache-control', 'no-store')
        res.setHeader('content-type', 'application/json')
        res.end(JSON.stringify({ files: [file] }))
      })
    })
  })
}
