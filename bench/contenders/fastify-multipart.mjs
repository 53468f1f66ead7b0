import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export const packages = ['@fastify/multipart', 'fastify']
export const wires = ['form']

export async function start({ folder, refuse }) {
  const [{ default: fastify }, { default: multipart }] = await Promise.all([
    import('fastify'),
    import('@fastify/multipart'),
  ])
  const app = fastify()
  let count = 0
  await app.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY } })
  app.post('/uploads', async (request, reply) => {
    for await (const part of request.files()) {
      if (refuse && !part.mimetype.startsWith('image/')) return reply.code(415).send('Images only.')
      await pipeline(part.file, createWriteStream(join(folder, `file-${count++}`)))
    }
    return reply.code(201).send()
  })
  await app.ready()
  return app.server
}
