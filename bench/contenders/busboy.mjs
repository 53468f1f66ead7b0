import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export const packages = ['busboy']
export const wires = ['form']

export async function start({ folder, refuse }) {
  const { default: busboy } = await import('busboy')
  let count = 0
  return createServer((req, res) => {
    const form = busboy({ headers: req.headers })
    const writes = []
    form.on('file', (_field, stream, { mimeType }) => {
      if (!refuse || mimeType.startsWith('image/')) {
        writes.push(pipeline(stream, createWriteStream(join(folder, `file-${count++}`))))
        return
      }
      req.unpipe(form)
      res.writeHead(415, { Connection: 'close' }).end('Images only.')
    })
    form.on('close', async () => {
      await Promise.all(writes)
      res.writeHead(201).end()
    })
    req.pipe(form)
  })
}
