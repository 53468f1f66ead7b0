/** The token against forged requests: sent with each upload, refreshed before it dies and once after. */
import type { TokenConfig } from '../sansio/dropzone/config.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** Flask-WTF's sentences that a fresh token may mend. */
const tokenTexts = [
  'The CSRF token is missing.',
  'The CSRF session token is missing.',
  'The CSRF token has expired.',
  'The CSRF token is invalid.',
  'The CSRF tokens do not match.',
]

/** Milliseconds to wait for a fresh token; the old one goes out then. */
const PATIENCE = 15_000

/** The page's token. */
export interface Token {
  readonly header: string
  readonly value: string
  /** Older than 80 % of its life. */
  isOld(): boolean
  /** Gets a fresh one; one request at a time, however many ask. Tells whether it came. Never rejects. */
  refresh(): Promise<boolean>
}

/** Keeps a token. Its age is counted by the clock of the day: a laptop that slept has aged. */
export function holdToken({ token, url, expiresIn, header }: TokenConfig): Token {
  let value = token
  let life = expiresIn
  let since = Date.now()
  let running: Promise<boolean> | undefined
  const load = async () => {
    try {
      const headers = { Accept: 'application/json', [header]: value }
      const response = await fetch(url, { headers, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) })
      const fresh = (response.ok ? await response.json() : {}) as { csrfToken?: unknown; expiresIn?: unknown }
      if (typeof fresh.csrfToken !== 'string') return false
      value = fresh.csrfToken
      life = typeof fresh.expiresIn === 'number' ? fresh.expiresIn : null
      since = Date.now()
      return true
    } catch {
      return false
    } finally {
      running = undefined
    }
  }
  return {
    header,
    get value() {
      return value
    },
    isOld: () => life !== null && Date.now() - since > life * 800,
    refresh: () => (running ??= load()),
  }
}

/** Whether an answer says that the token was the trouble. */
export function blamesToken(status: number, answer: unknown): boolean {
  const said = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : answer
  return status === 400 && typeof said === 'string' && tokenTexts.includes(said.trim())
}

/** Whether a URL is on our own origin; the token goes nowhere else. */
export function isOurs(url: string): boolean {
  try {
    return new URL(url, document.baseURI).origin === location.origin
  } catch {
    return false
  }
}

interface Sent {
  readonly blocks: readonly unknown[]
  readonly token: string
  readonly again: boolean
}

/**
 * Sends the token with each request of a drop area. Headers are read per request, so each gets an object of its own;
 * setting a header twice would join both values. A request that is refused for its token is sent once more, with a
 * fresh one; nobody sees it.
 */
export function sendToken(dropzone: DropzoneInstance, token: Token): void {
  const { _uploadData: upload, _handleUploadError: fail } = dropzone
  const requests = new WeakMap<XMLHttpRequest, Sent>()
  const send = (files: DropzoneFile[], blocks: readonly unknown[], again: boolean) => {
    const { url, headers = null } = dropzone.options
    const target = typeof url === 'function' ? url.call(dropzone, files, blocks) : (url ?? '')
    if (isOurs(target)) dropzone.options.headers = { ...without(headers, token.header), [token.header]: token.value }
    try {
      upload.call(dropzone, files, blocks)
    } finally {
      dropzone.options.headers = headers
    }
    const [first] = files
    if (first?.xhr) requests.set(first.xhr, { blocks, token: token.value, again })
  }
  /** Files may have been cancelled meanwhile. */
  const sendRest = (files: DropzoneFile[], blocks: readonly unknown[], again: boolean) => {
    const waits = (_: unknown, index: number) => files[index]?.status === 'uploading'
    const rest = files.filter(waits)
    if (rest.length > 0) send(rest, files.length === blocks.length ? blocks.filter(waits) : blocks, again)
  }
  dropzone._uploadData = (files, blocks) => {
    if (token.isOld()) void token.refresh().then(() => sendRest(files, blocks, false))
    else send(files, blocks, false)
  }
  dropzone._handleUploadError = (files, xhr, answer) => {
    const sent = requests.get(xhr)
    const giveUp = () => fail.call(dropzone, files, xhr, answer)
    if (!sent || sent.again || !blamesToken(xhr.status, answer)) return giveUp()
    // Another file may have fetched a fresh one since.
    const fresh = sent.token === token.value ? token.refresh() : Promise.resolve(true)
    void fresh.then(came => (came ? sendRest(files, sent.blocks, true) : giveUp()))
  }
}

/** Header names have no case. */
function without(headers: Readonly<Record<string, string>> | null | undefined, name: string): Record<string, string> {
  const others = Object.entries(headers ?? {}).filter(([other]) => other.toLowerCase() !== name.toLowerCase())
  return Object.fromEntries(others)
}
