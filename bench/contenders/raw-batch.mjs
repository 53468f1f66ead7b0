/** No parser, but few large writes: 'data' events gathered to 1 MiB, one writev in flight. */
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = []
export const wires = ['raw']

const batchSize = 1024 * 1024

export function start({ folder, durable }) {
  let count = 0
  return createServer((req, res) => {
    store(req, join(folder, `file-${count++}`), durable).then(
      () => res.writeHead(201).end(),
      () => res.writeHead(500).end(),
    )
  })
}

function store(req, path, durable) {
  return new Promise((resolve, reject) => {
    let gathered = []
    let size = 0
    let ended = false
    let writing = false
    let file
    const write = async () => {
      writing = true
      while (size >= batchSize || (ended && size > 0)) {
        const batch = gathered
        gathered = []
        size = 0
        file ??= await open(path, 'wx')
        const writes = file.writev(batch)
        req.resume()
        await writes
      }
      writing = false
      if (!ended) return
      file ??= await open(path, 'wx')
      if (durable) await file.sync()
      await file.close()
      resolve()
    }
    req.on('data', chunk => {
      gathered.push(chunk)
      size += chunk.length
      if (size < batchSize) return
      if (writing) req.pause()
      else write().catch(reject)
    })
    req.on('end', () => {
      ended = true
      if (!writing) write().catch(reject)
    })
    req.on('error', reject)
  })
}
