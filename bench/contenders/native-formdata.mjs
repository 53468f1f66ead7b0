/** `Request.formData()` of Node itself: the whole body first, then the files. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'

export const packages = []
export const wires = ['form']

export function start({ folder }) {
  let count = 0
  return createServer(async (req, res) => {
    const request = new Request('http://127.0.0.1/uploads', {
      method: 'POST',
      headers: req.headers,
      body: Readable.toWeb(req),
      duplex: 'half',
    })
    try {
      const form = await request.formData()
      for (const file of form.values()) await writeFile(join(folder, `file-${count++}`), file.stream())
      res.writeHead(201).end()
    } catch (error) {
      res.writeHead(400).end(error.message)
    }
  })
}
