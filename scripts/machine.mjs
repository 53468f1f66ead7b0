/** Programs of the machine that the tests want: which are there, and how the missing ones are installed on Debian. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const isRoot = process.getuid?.() === 0
/** Where systemd runs, Debian's package of a server starts it, on port 80: not unasked on somebody's own machine. */
const mayServe = Boolean(process.env.CI) || !existsSync('/run/systemd/system')

/** What the tests want: names under which it may be found, and the Debian package that brings it. */
export const wanted = [
  { what: 'Chromium', names: ['chromium', 'chromium-browser', 'google-chrome'], packageName: 'chromium' },
  { what: 'Firefox', names: ['firefox-esr', 'firefox'], packageName: 'firefox-esr' },
  { what: 'WebKit', names: ['WebKitWebDriver'], packageName: 'webkit2gtk-driver' },
  { what: 'Xvfb, which WebKit needs,', names: ['Xvfb'], packageName: 'xvfb' },
  { what: 'nginx', names: ['nginx'], packageName: 'nginx-light', isServer: true },
  { what: 'Caddy', names: ['caddy'], packageName: 'caddy', isServer: true },
  { what: 'clamd', names: ['clamd'], packageName: 'clamav-daemon', isServer: true },
  { what: 'strace', names: ['strace'], packageName: 'strace' },
  // The power cuts need to mount, so for everybody else this would be in vain.
  ...(isRoot ? [{ what: 'xfs_io', names: ['xfs_io'], packageName: 'xfsprogs' }] : []),
]

/** The full path of the first program found in PATH, or where servers are that only root has in PATH, or undefined. */
export function findProgram(names, path = `${process.env.PATH ?? ''}${delimiter}/usr/sbin`) {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name)
      if (folder !== '' && isExecutable(file)) return file
    }
  }
  return undefined
}

/**
 * Installs what is missing, in one call of apt-get, if this user may.
 *
 * @returns one sentence for each program that is still missing
 */
export function ensurePrograms() {
  const missing = wanted.filter(program => !findProgram(program.names))
  if (missing.length === 0) return []
  const chosen = missing.filter(program => mayServe || !program.isServer)
  const reason = chosen.length > 0 ? install(chosen.map(program => program.packageName)) : ''
  return missing
    .filter(program => !findProgram(program.names))
    .map(program => {
      const why = chosen.includes(program) ? reason : `its package would start a server here (${program.packageName}).`
      return `${program.what} is not installed, so its tests are skipped: ${why}`
    })
}

/** @returns why the packages could not be installed, or a remark that apt-get ran */
function install(packages) {
  if (!findProgram(['apt-get'])) return `there is no apt-get here; please install ${packages.join(', ')}.`
  const sudo = isRoot ? [] : ['sudo', '-n']
  if (sudo.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    return `this user may not run apt-get; please run: sudo apt-get install ${packages.join(' ')}`
  }
  console.error(`Installing ${packages.join(', ')} (apt-get) …`)
  const aptGet = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300']
  const run = args => spawnSync(aptGet[0], [...aptGet.slice(1), ...args], { stdio: ['ignore', 2, 2] }).status
  run(['update'])
  const status = run(['install', '-y', '--no-install-recommends', ...packages])
  return status === 0 ? 'apt-get installed it, but it is not in PATH.' : `apt-get failed (exit code ${status}).`
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
