/**
 * The system calls of the promise that nobody ever sees half a file, and nothing else: each file is written to a temporary,
 * linked to its name, and the temporary deleted. No parser, no name from outside, no check: what a plain server with
 * node:http makes of it.
 */
import { closeSync, linkSync, openSync, unlinkSync, writevSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = []
export const wires = ['raw']

export function start({ folder }) {
  let count = 0
  const keep = spans => {
    const name = join(folder, `file-${count++}`)
    const temporary = `${name}.part`
    const file = openSync(temporary, 'wx')
    writevSync(file, spans)
    closeSync(file)
    linkSync(temporary, name)
    unlinkSync(temporary)
  }
  return createServer((req, res) => {
    const size = Number(req.headers['file-size'])
    let spans = []
    let missing = size
    req.on('data', chunk => {
      for (let at = 0; at < chunk.length; ) {
        const span = chunk.subarray(at, at + missing)
        spans.push(span)
        at += span.length
        missing -= span.length
        if (missing > 0) continue
        keep(spans)
        spans = []
        missing = size
      }
    })
    req.on('end', () => res.writeHead(201).end())
  })
}
