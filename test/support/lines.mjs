/**
 * Keeps every line that engines under test write, all through a run of the suites, so that they can be looked at when it
 * is over (scripts/test-lines.mjs). Off without DROPGATE_TEST_LINES, the folder in which each process gets a file of its
 * own (`tests-…` or `child-…`): one JSON value a line, `{ line }`, `{ event }` or, of the command line, `{ output }`.
 *
 * scripts/test.mjs has each Node process of the run load it (NODE_OPTIONS). It stands between the engine and the `log`
 * and `onEvent` that it was given, and changes nothing for either: what nobody listens to is not told here either.
 */
import { appendFileSync } from 'node:fs'
import * as modules from 'node:module'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

const folder = process.env.DROPGATE_TEST_LINES

/** Whether a module, by its path or URL, is one in which the engine takes `log` and `onEvent`. */
export function isTapped(id) {
  return folder !== undefined && taps.some(({ file }) => file.test(id))
}

const taps = [
  {
    file: /\/(?:src|dist)\/server\/options\.[jt]s$/,
    changes: [
      ['const log = options.log ?? defaults.log', 'const log = dropgateLines.log(options.log ?? defaults.log)'],
      ['onEvent: options.onEvent', 'onEvent: dropgateLines.onEvent(options.onEvent)'],
    ],
  },
  {
    file: /\/(?:src|dist)\/server\/csrf-app\.[jt]s$/,
    changes: [['new CsrfGuard(settings, clock, log)', 'new CsrfGuard(settings, clock, dropgateLines.log(log))']],
  },
]

/**
 * The source of such a module, with the taps.
 * @throws Error when it has changed so that there is no place for them
 */
export function tapped(source, id) {
  const changes = taps.filter(({ file }) => file.test(id)).flatMap(tap => tap.changes)
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`${id} has no place for a tap: ${from}`)
    return text.replace(from, to)
  }, source)
}

if (folder !== undefined && globalThis.dropgateLines === undefined) {
  const [, program = '', ...args] = process.argv
  const whose = program.includes('/vitest/') ? 'tests' : 'child'
  const file = join(folder, `${whose}-${process.pid}-${threadId}`)
  const keep = entry => {
    try {
      appendFileSync(file, `${JSON.stringify(entry)}\n`)
    } catch {
      // Tests that let the system's calls fail mean others.
    }
  }
  globalThis.dropgateLines = {
    log: log => line => {
      keep({ line })
      return log(line)
    },
    onEvent: listener =>
      listener &&
      (event => {
        keep({ event })
        return listener(event)
      }),
  }
  // The help is no log: it shows how a token is sent.
  if (program.endsWith('/dist/cli/main.js') && !args.some(arg => arg === '--help' || arg === '-h')) {
    for (const stream of [process.stdout, process.stderr]) {
      const write = stream.write.bind(stream)
      stream.write = (output, ...rest) => {
        keep({ output: String(output) })
        return write(output, ...rest)
      }
    }
  }
  // In what is not run by Vitest; Node 20 has no such hooks.
  modules.registerHooks?.({
    load(url, context, next) {
      const loaded = next(url, context)
      return isTapped(url) ? { ...loaded, source: tapped(String(loaded.source), url) } : loaded
    },
  })
}
