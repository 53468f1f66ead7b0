/** ClamAV, through its daemon. */
import { connect, type Socket } from 'node:net'
import { UploadError } from '../sansio/errors.ts'
import { OptionError } from '../sansio/option-error.ts'
import type { InspectedFile, Inspector } from '../upload/types.ts'

/** Where clamd listens, and how long it may take. */
export interface ClamavOptions {
  /** A Unix socket, e.g. `/run/clamav/clamd.ctl`. Instead of `host` and `port`. */
  readonly path?: string
  /** Name or address of its machine. Default `127.0.0.1`. */
  readonly host?: string
  /** Its TCP port. Default 3310. */
  readonly port?: number
  /** Milliseconds for one file. Default 30,000: 100 MiB take clamd about 2.5 s. */
  readonly timeLimit?: number
  /** Told the name of what was found, for the log. */
  readonly onVirus?: (name: string, file: { readonly name: string }) => void
}

/** Bytes of an answer; clamd's have one short line. */
const maxAnswer = 4096

/**
 * Asks clamd about every file, over TCP or a Unix socket (its command INSTREAM). Only what clamd calls clean passes: where it
 * does not answer, answers with an error, or refuses the file's size (its `StreamMaxLength`), the file is not kept.
 *
 * @returns for the option `inspectors`; refuses with `virus-found`, `check-failed` for files that are too
 *   large for clamd, and `scanner-unavailable` where it says neither
 * @throws OptionError for a path beside a host or a port
 * @example dropgate({ storage, inspectors: [clamav({ path: '/run/clamav/clamd.ctl' })] })
 * @see clamd(8)
 */
export function clamav(options: ClamavOptions = {}): Inspector {
  const { path, host = '127.0.0.1', port = 3310, timeLimit = 30_000, onVirus } = options
  if (path !== undefined && (options.host !== undefined || options.port !== undefined)) {
    throw new OptionError('clamav.path', path, 'given instead of host and port')
  }
  return {
    // Our own clock is ahead of the one that would call it a failed check.
    timeLimit: timeLimit + 1_000,
    inspect: async (file, { signal }) => {
      const stop = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)])
      const open = () => (path === undefined ? connect({ host, port }) : connect({ path }))
      const answer = await ask(open, file, stop).catch(cause => {
        throw unavailable(cause)
      })
      const virus = /^stream: (.+) FOUND$/.exec(answer)?.[1]
      if (virus !== undefined) {
        onVirus?.(virus, file)
        throw new UploadError('virus-found', undefined, { cause: new Error(`clamd found ${virus}`) })
      }
      // Too large for clamd: it will be so the next time, too.
      if (/size limit exceeded/.test(answer)) throw new Error(`clamd answered: ${answer}`)
      if (answer !== 'stream: OK') throw unavailable(new Error(`clamd answered: ${answer}`))
    },
  }
}

function unavailable(cause: unknown): UploadError {
  return new UploadError('scanner-unavailable', undefined, { cause, headers: { 'Retry-After': '30' } })
}

async function ask(open: () => Socket, file: InspectedFile, stop: AbortSignal): Promise<string> {
  const socket = open()
  const answer = answerOf(socket)
  const onAbort = () => void socket.destroy(new Error('clamd took too long'))
  stop.addEventListener('abort', onAbort, { once: true })
  try {
    // clamd may answer, and hang up, while we are still writing: what it said counts, not that we could not finish.
    await send(socket, file).catch(error => {
      socket.destroy()
      return answer.catch(() => {
        throw error
      })
    })
    return await answer
  } finally {
    stop.removeEventListener('abort', onAbort)
    socket.destroy()
  }
}

/** Chunks, each with its length before it; one of length 0 ends the file. */
async function send(socket: Socket, file: InspectedFile): Promise<void> {
  await write(socket, Buffer.from('zINSTREAM\0'))
  for await (const piece of file.stream()) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(piece.length)
    socket.write(length)
    await write(socket, piece)
  }
  await write(socket, Buffer.alloc(4))
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, error => (error ? reject(error) : resolve()))
  })
}

/** One line that ends with a zero; also what came before the connection broke. */
function answerOf(socket: Socket): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    let text = ''
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\0')
      if (end >= 0) resolve(text.slice(0, end).trim())
      else if (text.length > maxAnswer) reject(new Error('clamd answered too much'))
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('clamd hung up')))
  })
  answer.catch(() => {})
  return answer
}
