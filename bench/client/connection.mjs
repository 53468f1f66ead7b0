/** One keep-alive connection: writes prepared buffers, reads answers. As little work as a client can do. */
import { connect } from 'node:net'

/** An answer, as far as the bench needs it. */
export class Answer {
  constructor(status, headers, body) {
    this.status = status
    this.headers = headers
    this.body = body
  }
}

export class Connection {
  #socket
  #received = ''
  #waiting
  #failure
  /** Bytes handed to the kernel or queued. */
  sent = 0

  static async open(port) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Connection(socket)
  }

  constructor(socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', text => this.#take(text))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  /** Sends one request; resolves with its answer. */
  async send({ pieces }) {
    const answer = this.answer()
    await Promise.all([this.write(pieces), answer])
    return answer
  }

  /** Writes pieces, as fast as the kernel takes them; stops quietly when `stop` says so. */
  async write(pieces, stop = () => false) {
    for (const { bytes, times } of pieces) {
      for (let i = 0; i < times; i++) {
        if (stop()) return
        this.sent += bytes.length
        if (!this.#socket.write(bytes)) await this.#drained()
      }
    }
  }

  /** The next answer. */
  answer() {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#waiting = { resolve, reject }
      this.#take('')
    })
  }

  /** Bytes that the kernel has taken. */
  get delivered() {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }

  pause() {
    this.#socket.pause()
  }

  resume() {
    this.#socket.resume()
  }

  close() {
    this.#socket.destroy()
  }

  #drained() {
    return new Promise((resolve, reject) => {
      const done = error => {
        this.#socket.off('drain', done).off('close', closed)
        error instanceof Error ? reject(error) : resolve()
      }
      const closed = () => done(this.#failure ?? new Error('the server closed the connection'))
      this.#socket.on('drain', done).on('close', closed)
    })
  }

  #fail(error) {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
  }

  #take(text) {
    this.#received += text
    if (!this.#waiting) return
    const found = nextAnswer(this.#received)
    if (!found) return
    this.#received = this.#received.slice(found.end)
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(found.answer)
  }
}

/** The first whole answer in `text` that is not an interim one. */
function nextAnswer(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine, ...lines] = text.slice(0, headEnd).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const start = headEnd + 4
  if (status < 200) {
    const next = nextAnswer(text.slice(start))
    return next && { ...next, end: next.end + start }
  }
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const end = bodyEnd(text, start, status, headers)
  if (end === undefined) return undefined
  return { answer: new Answer(status, headers, text.slice(start, end)), end }
}

function bodyEnd(text, start, status, headers) {
  if (status === 204 || status === 304) return start
  if (headers['transfer-encoding']) {
    const last = text.indexOf('0\r\n\r\n', start)
    return last < 0 ? undefined : last + 5
  }
  const end = start + Number(headers['content-length'] ?? 0)
  return text.length < end ? undefined : end
}
