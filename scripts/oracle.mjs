/** `npm run oracle`: see the help text. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensurePeers } from '../bench/lib/install.mjs'
import { run } from './command-line.mjs'
import { ensureModules, toolNode } from './setup.mjs'

const help = `npm run oracle [-- options]

100,000 form bodies of known classes through our parser, busboy, @fastify/busboy, multiparty, formidable and Node's own
formData(). Fails when any of them does something that docs/multipart-decisions.md does not list. The peers are those of
bench/ and are installed there. About three minutes.

  --bodies N   another number of bodies
  --seed N     the same bodies again
  --write      brings the tables of docs/multipart-decisions.md up to date: read what it changed
  --help       this text`

await run(help, async () => {
  if (process.features.typescript) {
    ensurePeers()
    const { main } = await import('../test/fuzz/oracle/main.ts')
    return main(process.argv.slice(2))
  }
  // The tests are TypeScript; the Node that the project brings along runs it as it is.
  ensureModules()
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  return spawnSync(toolNode(), args, { stdio: 'inherit' }).status ?? 1
})
