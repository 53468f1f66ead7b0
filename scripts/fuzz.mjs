/**
 * `npm run fuzz`: a million inputs made to break the readers of what comes from outside: forms, headers, heads of tus
 * and of the IETF protocol, Dropzone's fields, tokens, cookies, file names. About three minutes; a short round is in
 * `npm test`.
 *
 * `-- --inputs N` another number; `--long` ten million; `--seed N` the same inputs again; `--replay FILE` one failing
 * input again (`--keep` puts it among the seeds in test/fuzz/seeds).
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureModules, toolNode } from './setup.mjs'

if (process.features.typescript) {
  const { main } = await import('../test/fuzz/main.ts')
  process.exitCode = await main(process.argv.slice(2))
} else {
  // The tests are TypeScript; the Node that the project brings along runs it as it is.
  ensureModules()
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  process.exitCode = spawnSync(toolNode(), args, { stdio: 'inherit' }).status ?? 1
}
