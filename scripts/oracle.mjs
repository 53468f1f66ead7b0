/**
 * `npm run oracle`: 100,000 form bodies of known classes through our parser, busboy, @fastify/busboy, multiparty,
 * formidable and Node's own formData(). Fails when any of them does something that docs/multipart-decisions.md does not
 * list. The peers are those of bench/ and are installed there. About three minutes.
 *
 * `-- --bodies N`, `--seed N`; `--write` brings the tables of the document up to date: read what it changed.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensurePeers } from '../bench/lib/install.mjs'
import { ensureModules, toolNode } from './setup.mjs'

if (process.features.typescript) {
  ensurePeers()
  const { main } = await import('../test/fuzz/oracle/main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else {
  // The tests are TypeScript; the Node that the project brings along runs it as it is.
  ensureModules()
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  process.exitCode = spawnSync(toolNode(), args, { stdio: 'inherit' }).status ?? 1
}
