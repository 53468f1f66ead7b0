export const packages = ['dropgate']
export const wires = ['form', 'tus', 'raw']

export async function start({ folder, durable, refuse }) {
  const [{ createServer }, { dropgate }, { diskStorage }, { nodeUploads, prepareServer }] = await Promise.all([
    import('node:http'),
    import('../../dist/index.js'),
    import('../../dist/disk.js'),
    import('../../dist/node.js'),
  ])
  const storage = diskStorage(folder, { durable })
  const policy = { maxFileSize: Number.POSITIVE_INFINITY, ...(refuse && { accept: 'image/*' }) }
  return prepareServer(createServer(nodeUploads(dropgate({ storage, policy }))))
}
