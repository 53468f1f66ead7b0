/**
 * Throws everything away and answers: what the client can do at most. Knows just enough HTTP for the bench.
 *
 * Reads into one static buffer, as `net.Socket` offers it to clients (`onread`); an accepted connection gets there only
 * by its private handle, which is why nobody but this reference does it.
 */
import { createServer, Socket } from 'node:net'

export const packages = []
export const wires = ['form', 'raw']

const success = 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'

export function start() {
  return createServer({ pauseOnConnect: true }, accepted => {
    const handle = accepted._handle
    accepted._handle = null
    const take = requestCounter(() => socket.write(success))
    const onread = {
      buffer: Buffer.alloc(512 * 1024),
      callback(length, buffer) {
        take(buffer.subarray(0, length))
        return true
      },
    }
    const socket = new Socket({ handle, onread, noDelay: true })
    socket.on('error', () => {})
    socket.on('end', () => socket.destroy())
    socket.resume()
  })
}

/** Calls back at the end of each request; requests come one at a time. */
function requestCounter(onEnd) {
  let left = 0
  let chunked = false
  return bytes => {
    if (left > 0) left -= bytes.length
    else if (!chunked) {
      const headEnd = bytes.indexOf('\r\n\r\n') + 4
      const length = /content-length: (\d+)/i.exec(bytes.latin1Slice(0, headEnd))?.[1]
      chunked = length === undefined
      left = chunked ? 0 : Number(length) - (bytes.length - headEnd)
    }
    if (chunked) chunked = bytes.latin1Slice(Math.max(0, bytes.length - 5)) !== '0\r\n\r\n'
    if (left === 0 && !chunked) onEnd()
  }
}
