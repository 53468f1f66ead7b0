/** The orderly end: what runs is finished, new work is refused. */
import type { Server } from 'node:http'
import type { Uploads } from '../index.ts'

/** Milliseconds that running uploads and downloads have left. */
export const graceMs = 30_000
/** A second signal so soon is the same Ctrl-C, come by way of a launcher as well. */
const samePressMs = 1_000

/**
 * Ends the process on SIGINT and SIGTERM: with code 0 when what runs is finished or 30 seconds have passed, and at once
 * with 128 + signal number on a further signal.
 */
export function endOnSignals(server: Server, uploads: Uploads): void {
  let first: number | undefined
  const onSignal = (signal: NodeJS.Signals, code: number) => {
    process.on(signal, () => {
      const now = Date.now()
      if (first === undefined) {
        first = now
        void finish(server, uploads).then(() => process.exit(0))
      } else if (now - first > samePressMs) process.exit(code)
    })
  }
  onSignal('SIGINT', 130)
  onSignal('SIGTERM', 143)
}

/** Resolves when nothing runs any more, after the grace period at the latest. */
export async function finish(server: Server, uploads: Uploads, grace = graceMs): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  // A connection becomes idle when its request ends; only then may it be closed.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), grace)
  await Promise.all([uploads.close(grace).catch(() => {}), closed])
  clearInterval(sweep)
  clearTimeout(cut)
}
