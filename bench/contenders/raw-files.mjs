/** Many files in one request, cut at a size that the client tells: no parser, one `writeFile` for each. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = []
export const wires = ['raw']

export function start({ folder }) {
  let count = 0
  return createServer(async (req, res) => {
    const size = Number(req.headers['file-size'])
    const writes = []
    let rest = Buffer.alloc(0)
    for await (const chunk of req) {
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      let at = 0
      for (; at + size <= rest.length; at += size) {
        writes.push(writeFile(join(folder, `file-${count++}`), rest.subarray(at, at + size)))
      }
      rest = rest.subarray(at)
    }
    await Promise.all(writes)
    res.writeHead(201).end()
  })
}
