/**
 * Dropgate with a storage that promises nothing: no temporary file, no link, the final name from the first byte. What
 * the promise "nobody ever sees half a file" costs is the difference to `dropgate-node`.
 */
import { closeSync, openSync, writevSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

export const packages = ['dropgate']
export const wires = ['form']

export async function start({ folder }) {
  const [{ createServer }, { dropgate }, { nodeUploads, prepareServer }] = await Promise.all([
    import('node:http'),
    import('../../dist/index.js'),
    import('../../dist/node.js'),
  ])
  const policy = { maxFileSize: Number.POSITIVE_INFINITY }
  return prepareServer(createServer(nodeUploads(dropgate({ storage: directStorage(folder), policy }))))
}

function directStorage(folder) {
  const uploads = new Map()
  return {
    create({ id, name }) {
      uploads.set(id, { id, name, path: join(folder, name), size: 0, file: undefined })
    },
    append(id, offset, spans, last) {
      const upload = uploads.get(id)
      if (!last || offset > 0) return appendTo(upload, spans)
      // The whole of a small file, in one go, as the disk storage does it.
      const file = openSync(upload.path, 'wx')
      upload.size = writevSync(file, spans)
      closeSync(file)
    },
    async commit(items) {
      const all = items.map(({ id }) => uploads.get(id))
      for (const { file, id } of all) {
        if (file) await file.close()
        uploads.delete(id)
      }
      return all.map(({ id, name, size }) => ({ id, name, size }))
    },
    async remove(id) {
      const upload = uploads.get(id)
      uploads.delete(id)
      await upload?.file?.close()
      if (upload) await rm(upload.path, { force: true })
    },
    async stat(id) {
      const upload = uploads.get(id)
      return upload && { id, name: upload.name, type: '', offset: upload.size }
    },
  }
}

async function appendTo(upload, spans) {
  upload.file ??= await open(upload.path, 'wx')
  const { bytesWritten } = await upload.file.writev(spans)
  upload.size += bytesWritten
}
