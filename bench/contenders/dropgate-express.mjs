export const packages = ['dropgate', 'express']
export const wires = ['form', 'tus']

export async function start({ folder, durable }) {
  const [{ createServer }, { default: express }, { dropgate }, { diskStorage }, { expressUploads, prepareServer }] =
    await Promise.all([
      import('node:http'),
      import('express'),
      import('../../dist/index.js'),
      import('../../dist/disk.js'),
      import('../../dist/express.js'),
    ])
  const storage = diskStorage(folder, { durable })
  const uploads = dropgate({ storage, policy: { maxFileSize: Number.POSITIVE_INFINITY } })
  return prepareServer(createServer(express().use(expressUploads(uploads))))
}
