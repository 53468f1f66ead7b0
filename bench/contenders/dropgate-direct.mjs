/**
 * Dropgate with a storage that promises nothing: no temporary file, no link, the final name from the first byte. What
 * the promise "nobody ever sees half a file" costs is the difference to `dropgate-node`.
 */
import { open, rm } from 'node:fs/promises'

export const packages = ['dropgate']
export const wires = ['form']

export async function start({ folder }) {
  const [{ createServer }, { dropgate }, { nodeUploads, prepareServer }, { helper }, { inlineCalls }] =
    await Promise.all([
      import('node:http'),
      import('../../dist/index.js'),
      import('../../dist/node.js'),
      import('../../dist/storages/disk/helper/helper.js'),
      import('../../dist/storages/disk/inline.js'),
    ])
  const policy = { maxFileSize: Number.POSITIVE_INFINITY }
  const storage = directStorage(folder, helper, inlineCalls)
  return prepareServer(createServer(nodeUploads(dropgate({ storage, policy }))))
}

/** Small files are written by the calls and the thread that the disk storage has for them. */
function directStorage(folder, helper, inlineCalls) {
  const uploads = new Map()
  return {
    create({ id, name }) {
      uploads.set(id, { id, name, path: `${folder}/${name}`, size: 0, file: undefined, helped: undefined })
    },
    append(id, offset, spans, last) {
      const upload = uploads.get(id)
      if (!last || offset > 0) return appendTo(upload, spans)
      upload.size = spans.reduce((sum, { byteLength }) => sum + byteLength, 0)
      upload.helped = uploads.size > 16 ? helper.write(upload.path, 0o600, spans, upload.size) : undefined
      if (!upload.helped) inlineCalls.writeWhole(upload.path, 0o600, spans)
      return undefined
    },
    async commit(items) {
      const all = items.map(({ id }) => uploads.get(id))
      for (const { file, helped, id } of all) {
        if (helped && 'unwritten' in (await helped)) throw new Error('the helper could not write a file')
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
