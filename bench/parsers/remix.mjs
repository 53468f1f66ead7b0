import { MultipartParser } from '@remix-run/multipart-parser'

export const packages = ['@remix-run/multipart-parser']

const most = Number.MAX_SAFE_INTEGER

/** Gives out each part when it is whole. */
export function parse(boundary, chunks) {
  const parser = new MultipartParser(boundary, { maxFileSize: most, maxParts: most, maxTotalSize: most })
  let [bytes, parts] = [0, 0]
  for (const chunk of chunks) {
    for (const part of parser.write(chunk)) {
      parts++
      bytes += part.size
    }
  }
  parser.finish()
  return { bytes, parts }
}
