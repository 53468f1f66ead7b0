export const packages = ['dropgate']

const { createMultipartParser } = await import('../../dist/multipart.js')
const limits = { maxParts: Number.POSITIVE_INFINITY, maxFields: Number.POSITIVE_INFINITY }

export function parse(boundary, chunks) {
  const parser = createMultipartParser(boundary, limits)
  let [bytes, parts] = [0, 0]
  for (const chunk of chunks) {
    parser.push(chunk)
    for (let event = parser.read(); event !== undefined; event = parser.read()) {
      if (event.type === 'data') bytes += event.bytes.length
      else if (event.type === 'field') {
        bytes += event.value.length
        parts++
      } else if (event.type === 'part') parts++
    }
  }
  parser.end()
  return { bytes, parts }
}
