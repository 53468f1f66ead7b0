import { Readable } from 'node:stream'

export const packages = []

export async function parse(boundary, chunks) {
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  const form = await new Response(Readable.toWeb(Readable.from(chunks)), { headers }).formData()
  let [bytes, parts] = [0, 0]
  for (const value of form.values()) {
    parts++
    bytes += typeof value === 'string' ? value.length : value.size
  }
  return { bytes, parts }
}
