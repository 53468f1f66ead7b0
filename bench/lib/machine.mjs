/** What the figures were measured on, in words that name no place. */
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('..', import.meta.url))

export function describeMachine(folder) {
  const cores = cpus()
  return {
    processor: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().split('-')[0]}`,
    fileSystem: fileSystemOf(folder),
    node: process.version,
    commit: commit(),
  }
}

/** Versions of everything that takes part. */
export function versions(packages) {
  const names = [...new Set(packages)].filter(name => name !== 'dropgate').sort()
  return Object.fromEntries(names.map(name => [name, versionOf(`${bench}/node_modules/${name}/package.json`)]))
}

function versionOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).version
}

/** The type of the mount that holds a folder. */
function fileSystemOf(folder) {
  const path = `${realpathSync(folder)}/`
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n')
  const holding = mounts.map(line => line.split(' ')).filter(([, at]) => path.startsWith(at === '/' ? '/' : `${at}/`))
  return holding.toSorted((a, b) => a[1].length - b[1].length).at(-1)?.[2] ?? 'unknown'
}

/** The version, and the commit where there is one, with a plus sign when the tree had changes. */
function commit() {
  const git = (...args) => spawnSync('git', args, { cwd: bench, encoding: 'utf8' }).stdout?.trim() ?? ''
  const version = versionOf(`${bench}../package.json`)
  const head = git('rev-parse', '--short', 'HEAD')
  const changed = git('status', '--porcelain', '--', '../src', 'contenders', 'client', 'lib', 'scenarios') !== ''
  return head === '' ? version : `${version} at ${head}${changed ? '+' : ''}`
}
