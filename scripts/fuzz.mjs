/** `npm run fuzz`: see the help text. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { run } from './command-line.mjs'
import { ensureModules, toolNode } from './setup.mjs'

const help = `npm run fuzz [-- options]

A million inputs made to break the readers of what comes from outside: forms, headers, heads of tus and of the IETF
protocol, Dropzone's fields, tokens, cookies, file names. None may throw what is no refusal, none may take 50 ms, and how
the bytes are cut must not matter. About three minutes; a short round is in npm test.

  --inputs N      another number of inputs
  --long          ten million
  --seed N        the same inputs again
  --replay FILE   one failing input again
  --keep          with --replay: put it among the seeds in test/fuzz/seeds
  --help          this text

Examples
  npm run fuzz -- --inputs 50000 --seed 7
  npm run fuzz -- --long`

await run(help, async () => {
  if (process.features.typescript) {
    const { main } = await import('../test/fuzz/main.ts')
    return main(process.argv.slice(2))
  }
  // The tests are TypeScript; the Node that the project brings along runs it as it is.
  ensureModules()
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  return spawnSync(toolNode(), args, { stdio: 'inherit' }).status ?? 1
})
