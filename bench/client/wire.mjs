/** Requests as bytes, ready before the clock starts. */
import { browserBoundary, filePieces, hostileContents } from '../lib/content.mjs'

const types = { form: 'multipart/form-data; boundary=', raw: 'application/octet-stream' }

/** The name under which file `index` is sent. */
export const nameOf = (index, extension = 'bin') => `file-${index}.${extension}`

/**
 * All requests of a load.
 *
 * @param load see `client/main.mjs`
 * @returns {{ pieces: { bytes: Buffer, times: number }[], bytes: number }[]}
 */
export function buildRequests(load) {
  const requests = []
  for (let request = 0; request < load.requests; request++) {
    const first = load.firstIndex + request * load.files
    requests.push(load.wire === 'form' ? formRequest(load, first) : rawRequest(load, first))
  }
  return requests
}

function formRequest(load, first) {
  const boundary = hostileContents[load.kind]?.[1] ?? browserBoundary
  const pieces = []
  for (let index = first; index < first + load.files; index++) {
    const name = nameOf(index, load.extension)
    pieces.push(text(`${index > first ? '\r\n' : ''}--${boundary}\r\n${disposition(name)}\r\n\r\n`))
    pieces.push(...filePieces({ ...load, index }))
  }
  pieces.push(text(`\r\n--${boundary}--\r\n`))
  return framed(load, [`Content-Type: ${types.form}${boundary}`], pieces)
}

function disposition(name) {
  const type = 'Content-Type: application/octet-stream'
  return `Content-Disposition: form-data; name="file"; filename="${name}"\r\n${type}`
}

/** The files as they are: for those who parse nothing. */
function rawRequest(load, first) {
  const pieces = []
  for (let index = first; index < first + load.files; index++) pieces.push(...filePieces({ ...load, index }))
  return framed(load, [`Content-Type: ${types.raw}`, `File-Size: ${load.size}`], pieces)
}

function framed({ unit, chunked }, headers, body) {
  const length = body.reduce((sum, piece) => sum + piece.bytes.length * piece.times, 0)
  const how = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
  const head = ['POST /uploads HTTP/1.1', 'Host: 127.0.0.1', ...headers, how, '', ''].join('\r\n')
  const rest = chunked ? [...body.map(piece => chunkedPiece(piece, unit)), text('0\r\n\r\n')] : body
  return { pieces: joined([text(head), ...rest]), bytes: length }
}

/** Cut into HTTP chunks of `unit` bytes. */
function chunkedPiece({ bytes, times }, unit) {
  const parts = []
  for (let at = 0; at < bytes.length; at += unit) {
    const part = bytes.subarray(at, at + unit)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return { bytes: Buffer.concat(parts), times }
}

/** Small neighbours become one buffer, so that a small request is one write. */
function joined(pieces) {
  const most = 512 * 1024
  const result = []
  for (const piece of pieces) {
    const last = result.at(-1)
    const together = last && last.times === 1 && piece.times === 1 && last.length + piece.bytes.length <= most
    if (together) {
      last.parts.push(piece.bytes)
      last.length += piece.bytes.length
    } else result.push({ parts: [piece.bytes], times: piece.times, length: piece.bytes.length })
  }
  return result.map(({ parts, times }) => ({ bytes: parts.length === 1 ? parts[0] : Buffer.concat(parts), times }))
}

function text(string) {
  return { bytes: Buffer.from(string, 'latin1'), times: 1 }
}
