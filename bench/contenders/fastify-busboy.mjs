import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export const packages = ['@fastify/busboy']
export const wires = ['form']

export async function start({ folder }) {
  const { default: Busboy } = await import('@fastify/busboy')
  let count = 0
  return createServer((req, res) => {
    const form = new Busboy({ headers: req.headers })
    const writes = []
    form.on('file', (_field, stream) => {
      writes.push(pipeline(stream, createWriteStream(join(folder, `file-${count++}`))))
    })
    form.on('finish', async () => {
      await Promise.all(writes)
      res.writeHead(201).end()
    })
    req.pipe(form)
  })
}
