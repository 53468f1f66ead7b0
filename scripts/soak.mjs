/**
 * `npm run soak`: 10,000 senders that hardly send, and honest uploads among them. About two minutes; needs 20,000
 * descriptors (`ulimit -n 20000`). The short form is in `npm test`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp, toolNode } from './setup.mjs'

await setUp()
const { status } = spawnSync(toolNode(), [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/soak'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, DROPGATE_SOAK: 'long' },
})
process.exitCode = status ?? 1
