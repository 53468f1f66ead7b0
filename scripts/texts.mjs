/**
 * `npm run texts [-- -t name …]`: every refusal x every browser x each way to send x small and large bodies, directly and
 * behind nginx with HTTP/1.1 and HTTP/2, with request buffering and without. About ten minutes; a part is in `npm test`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensurePrograms } from './machine.mjs'
import { root, setUp, toolNode } from './setup.mjs'

for (const sentence of ensurePrograms()) console.log(`note    ${sentence}`)
await setUp()
const { status } = spawnSync(
  toolNode(),
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/browser/every-text', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, DROPGATE_TEXTS: 'every' } },
)
process.exitCode = status ?? 1
