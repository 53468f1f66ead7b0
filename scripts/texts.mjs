/** `npm run texts`: see the help text. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { run } from './command-line.mjs'
import { ensurePrograms } from './machine.mjs'
import { root, setUp, toolNode } from './setup.mjs'

const help = `npm run texts [-- -t WORDS]

Every refusal x every browser x each way to send x small and large bodies, directly and behind nginx with HTTP/1.1 and
HTTP/2, with request buffering and without: the person must read the exact sentence. About ten minutes; a part is in
npm test. What is missing (nginx, browsers) is installed from Debian's packages where that is permitted.

  -t WORDS   only tests whose names hold these words
  --help     this text

Example
  npm run texts -- -t webkit`

await run(help, async () => {
  for (const sentence of ensurePrograms()) console.log(`note    ${sentence}`)
  await setUp()
  const { status } = spawnSync(
    toolNode(),
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/browser/every-text', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, DROPGATE_TEXTS: 'every' } },
  )
  return status ?? 1
})
