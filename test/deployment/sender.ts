/** A client that sends a body piece by piece over TLS, with HTTP/1.1 or HTTP/2. */
import { once } from 'node:events'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import type { Duplex, Writable } from 'node:stream'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A request that is under way. */
export interface Sending {
  /** Resolves when the line has room for more, or there is an answer already. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends the body and waits for the answer. */
  end(bytes?: Uint8Array): Promise<Answer>
  /** Breaks the connection. */
  cut(): void
  /** Rejects when the connection breaks before it. */
  readonly answer: Promise<Answer>
  readonly answered: boolean
}

export interface Head {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** The address of this machine that the request comes from, e.g. `127.0.0.2`. */
  readonly from?: string
}

/** Sends the head of a request to a proxy with a self-made certificate. */
export function startSending(origin: string, head: Head, http2: boolean): Sending {
  const { stream, answer, cut } = http2 ? overHttp2(origin, head) : overHttp1(origin, head)
  let answered = false
  answer.then(
    () => (answered = true),
    () => (answered = true),
  )
  stream.on('error', () => {})
  return {
    answer,
    get answered() {
      return answered
    },
    async write(bytes) {
      if (stream.destroyed || stream.write(bytes)) return
      await Promise.race([once(stream, 'drain').catch(() => {}), answer.catch(() => {})])
    },
    end(bytes) {
      if (bytes) stream.end(bytes)
      else stream.end()
      return answer
    },
    cut,
  }
}

/** A whole request at once. */
export function send(origin: string, head: Head, http2: boolean, body?: Uint8Array): Promise<Answer> {
  return startSending(origin, head, http2).end(body)
}

interface Line {
  readonly stream: Writable
  readonly answer: Promise<Answer>
  cut(): void
}

function overHttp1(origin: string, { method, path, headers, from }: Head): Line {
  const address = from === undefined ? {} : { localAddress: from }
  const stream = request(origin + path, { method, headers, rejectUnauthorized: false, agent: false, ...address })
  const answer = new Promise<Answer>((resolve, reject) => {
    stream.on('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', piece => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('The connection was closed without an answer.')))
  })
  return { stream, answer, cut: () => stream.destroy() }
}

function overHttp2(origin: string, { method, path, headers }: Head): Line {
  const session = connectHttp2(origin, { rejectUnauthorized: false })
  const stream: Duplex & { readonly rstCode?: number } = session.request(
    { ...headers, ':method': method, ':path': path },
    { endStream: false },
  )
  const answer = new Promise<Answer>((resolve, reject) => {
    let head: IncomingHttpHeaders & { ':status'?: number } = {}
    let text = ''
    stream.on('response', given => (head = given))
    stream.setEncoding('utf8').on('data', piece => (text += piece))
    stream.on('end', () => resolve({ status: head[':status'] ?? 0, headers: head, text }))
    stream.on('error', reject)
    session.on('error', reject)
    stream.on('close', () => {
      session.close()
      reject(new Error('The stream was closed without an answer.'))
    })
  })
  return { stream, answer, cut: () => session.destroy() }
}
