import { Readable } from 'node:stream'
import multiparty from 'multiparty'

export const packages = ['multiparty']

/** It takes no bytes but those of a request. */
export function parse(boundary, chunks) {
  let next = 0
  const request = new Readable({
    read() {
      while (this.push(chunks[next++] ?? null));
    },
  })
  request.headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const form = new multiparty.Form({ maxFields: Number.POSITIVE_INFINITY })
  const found = { bytes: 0, parts: 0 }
  form.on('part', part => {
    found.parts++
    part.on('data', data => {
      found.bytes += data.length
    })
  })
  return new Promise((resolve, reject) => {
    form.on('close', () => resolve(found))
    form.on('error', reject)
    form.parse(request)
  })
}
