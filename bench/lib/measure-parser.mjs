/** One parser alone, in memory, in a process of its own. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../parse.mjs', import.meta.url))
/** Some parsers need minutes for some contents: then the figure is that they do. */
const patience = 60_000

/**
 * @param {string} parser a file of `parsers/`
 * @param load see `parse.mjs`
 * @returns MiB/s and thousands of parts a second
 */
export function measureParser(parser, load) {
  return new Promise((resolve, reject) => {
    const child = fork(program, [parser, JSON.stringify(load)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let said = ''
    let result
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    child.stderr.on('data', text => (said += text))
    child.on('message', message => (result = message))
    child.on('exit', code => {
      clearTimeout(timer)
      if (result) resolve(result)
      else reject(new Error(/Error: (.*)/.exec(said)?.[1] ?? `the parser ended with exit code ${code}`))
    })
  })
}
