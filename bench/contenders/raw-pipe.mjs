/** The naive receiver: no parser, no name, no check. One file for each request. */
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream'

export const packages = []
export const wires = ['raw']

export function start({ folder, durable }) {
  let count = 0
  return createServer((req, res) => {
    const file = createWriteStream(join(folder, `file-${count++}`), { flush: durable })
    pipeline(req, file, error => res.writeHead(error ? 500 : 201).end())
  })
}
