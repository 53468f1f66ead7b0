import { createServer } from 'node:http'

export const packages = ['@tus/server', '@tus/file-store']
export const wires = ['tus']

export async function start({ folder }) {
  const [{ Server }, { FileStore }] = await Promise.all([import('@tus/server'), import('@tus/file-store')])
  const tus = new Server({ path: '/uploads', datastore: new FileStore({ directory: folder }) })
  return createServer(tus.handle.bind(tus))
}
