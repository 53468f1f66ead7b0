/**
 * `npm run faults [-- filter …]`: the long form of the tests in test/faults, which are promised by docs/durability.md:
 * 1,000 kills, 50 power cuts, 2 GiB over a line that breaks ten times. About ten minutes; the short form is in `npm test`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensurePrograms } from './machine.mjs'
import { root, setUp, toolNode } from './setup.mjs'

const filter = process.argv.slice(2)
for (const sentence of ensurePrograms()) console.log(`note    ${sentence}`)
await setUp()
const { status } = spawnSync(
  toolNode(),
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--maxWorkers=1',
    ...(filter.length > 0 ? filter : ['test/faults']),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, DROPGATE_FAULTS: 'long' } },
)
process.exitCode = status ?? 1
