import { MultipartParser } from 'formidable'
import { feed } from '../lib/feed.mjs'

export const packages = ['formidable']

export function parse(boundary, chunks) {
  const parser = new MultipartParser()
  parser.initWithBoundary(boundary)
  const found = { bytes: 0, parts: 0 }
  parser.on('data', ({ name, start, end }) => {
    if (name === 'partBegin') found.parts++
    else if (name === 'partData') found.bytes += end - start
  })
  return feed(parser, chunks, 'end', found)
}
