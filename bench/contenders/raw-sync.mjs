/** No parser, and every chunk written at once on the event loop. Only a reference: a slow disk would stop everything. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = []
export const wires = ['raw']

export function start({ folder }) {
  let count = 0
  return createServer((req, res) => {
    const file = openSync(join(folder, `file-${count++}`), 'wx')
    req.on('data', chunk => {
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
    })
    req.on('close', () => closeSync(file))
    req.on('end', () => res.writeHead(201).end())
  })
}
