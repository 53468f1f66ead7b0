import busboy from 'busboy'
import { feed } from '../lib/feed.mjs'

export const packages = ['busboy']

export function parse(boundary, chunks) {
  const parser = busboy({ headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } })
  const found = { bytes: 0, parts: 0 }
  parser.on('file', (_name, stream) => {
    found.parts++
    stream.on('data', data => {
      found.bytes += data.length
    })
  })
  parser.on('field', (_name, value) => {
    found.parts++
    found.bytes += value.length
  })
  return feed(parser, chunks, 'close', found)
}
