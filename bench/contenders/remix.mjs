/** Buffers each file: an upload handler gets it when it is whole. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const packages = ['@remix-run/form-data-parser', '@remix-run/node-fetch-server']
export const wires = ['form']

export async function start({ folder }) {
  const [{ parseFormData }, { createRequestListener }] = await Promise.all([
    import('@remix-run/form-data-parser'),
    import('@remix-run/node-fetch-server'),
  ])
  let count = 0
  const limits = { maxFiles: 1000, maxFileSize: 2 * 1024 ** 3, maxTotalSize: 4 * 1024 ** 3 }
  const store = async file => {
    const path = join(folder, `file-${count++}`)
    await writeFile(path, file.stream())
    return path
  }
  return createServer(
    createRequestListener(async request => {
      await parseFormData(request, limits, store)
      return new Response(null, { status: 201 })
    }),
  )
}
