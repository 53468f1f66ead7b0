/**
 * Runs a server as a child and stays as a thin parent: it hands signals on, and it ends the server when npm is gone. npm
 * does not do that: signalled alone it dies at once, and its child would keep the port.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './setup.mjs'

/** A signal so soon after the first is the same key press, come by another way (group, npm, terminal). */
const samePressMs = 1000

/**
 * @param node the Node that runs it
 * @param args the script and its arguments
 * @param ancestors from `watchAncestors()`, called before anything that takes time
 */
export function runServer(node, args, ancestors) {
  const child = spawn(node, args, { cwd: root, stdio: 'inherit' })
  let firstStop
  const stop = signal => {
    const now = Date.now()
    if (firstStop !== undefined && now - firstStop < samePressMs) return
    firstStop ??= now
    child.kill(signal)
  }
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('SIGTERM', () => stop('SIGTERM'))
  // A closed terminal ends the server as orderly as a pressed Ctrl-C.
  process.on('SIGHUP', () => stop('SIGTERM'))
  ancestors.onGone(() => {
    if (firstStop === undefined) stop('SIGTERM')
  })
  child.on('error', error => {
    console.error(`The server could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
