/** `npm run soak`: see the help text. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './command-line.mjs'
import { root, setUp, toolNode } from './setup.mjs'

const help = `npm run soak

10,000 senders that hardly send, and honest uploads among them, which must not feel it. About two minutes; needs 20,000
descriptors (ulimit -n 20000). The short form is in npm test.`

await run(help, async () => {
  parseArgs({ options: {} })
  await setUp()
  const { status } = spawnSync(toolNode(), [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/soak'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DROPGATE_SOAK: 'long' },
  })
  return status ?? 1
})
