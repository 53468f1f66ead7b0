/** `npm run faults`: see the help text. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { run } from './command-line.mjs'
import { ensurePrograms } from './machine.mjs'
import { root, setUp, toolNode } from './setup.mjs'

const help = `npm run faults [-- FILTER …]

The long form of the tests in test/faults, which are promised by docs/durability.md: 1,000 kills, 50 power cuts, 2 GiB over
a line that breaks ten times. About twelve minutes; the short form is in npm test.

  FILTER   only files whose paths hold this word
  --help   this text

Example
  npm run faults -- power-cut`

await run(help, async () => {
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
  return status ?? 1
})
