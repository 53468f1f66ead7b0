/** Installs the peers of the lock file into `bench/node_modules`, unless that was the last thing done. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${bench}node_modules/.bench-lock`

export function ensurePeers() {
  const wanted = readFileSync(`${bench}package-lock.json`, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing the peers (npm ci in bench/) …')
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  // Called by `npm run`, npm finds its own settings in the environment; the one for the folder must be ours.
  const env = { ...process.env, npm_config_local_prefix: bench }
  const { status, error } = spawnSync(command, [...args, 'ci', '--ignore-scripts'], {
    cwd: bench,
    env,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`npm ci in bench/ failed: ${error?.message ?? `exit code ${status}`}`)
  writeFileSync(stamp, wanted)
}
