/** What must not get into the repository. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, run } from './pack.ts'

const tracked = run(root, 'git', 'ls-files', '-z').output.split('\0').filter(Boolean)

/** Files that hold one of the texts, as `file: text`. */
function holding(texts: readonly string[]): string[] {
  return tracked.flatMap(file => {
    let content: string
    try {
      content = readFileSync(join(root, file), 'latin1')
    } catch {
      return [] // Deleted, but not yet committed.
    }
    return texts.filter(text => content.includes(text)).map(text => `${file}: ${text}`)
  })
}

/** Put together here, so that this file does not hold them. */
const publicHosts = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['deb', 'debian', 'org'],
].map(parts => parts.join('.'))

describe('the repository', () => {
  it('is looked at as a whole', () => {
    expect(tracked).toContain('package.json')
    expect(holding(['"lockfileVersion"'])).toContain('package-lock.json: "lockfileVersion"')
  })

  it('names no registry', () => {
    const registry = run(root, 'npm', 'config', 'get', 'registry').output.match(/https?:\/\/([^/\s]+)/)?.[1]
    expect(holding(registry ? [...publicHosts, registry] : publicHosts)).toEqual([])
  })

  it('has a lock file without download addresses', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, object>
    }
    const entries = Object.entries(lock.packages)
    expect(entries.length).toBeGreaterThan(10)
    expect(entries.filter(([, entry]) => 'resolved' in entry && !('link' in entry)).map(([name]) => name)).toEqual([])
  })

  it('holds no absolute paths of this machine', () => {
    // One folder alone, as /root or /app, is also a word of every other path.
    const paths = [root, homedir()].filter(path => path.split('/').length > 2)
    expect(paths).toContain(root)
    expect(holding(paths)).toEqual([])
  })

  it('holds no built or installed files', () => {
    expect(tracked.filter(file => /^(node_modules|dist|\.cache|uploads)\//.test(file))).toEqual([])
  })

  it('marks the script of continuous integration as executable', () => {
    const { stdout } = spawnSync('git', ['ls-files', '-s', '.ci/run'], { cwd: root, encoding: 'utf8' })
    expect(stdout).toMatch(/^100755 /)
  })
})
