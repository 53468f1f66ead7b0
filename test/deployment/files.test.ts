/** docs/deployment.md shows the files that are tried, and systemd takes its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { blocksOf } from '../docs/blocks.ts'
import { deploymentFile } from './proxies.ts'

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

describe('docs/deployment.md', () => {
  it.each([
    ['nginx', 'nginx.conf'],
    ['caddyfile', 'Caddyfile'],
    ['ini', 'dropgate.service'],
  ])('shows in its block of %s what is in %s', (language, file) => {
    const shown = blocksOf('docs/deployment.md').filter(block => block.language === language)
    expect(shown.map(block => block.code)).toEqual([deploymentFile(file)])
  })
})

describe.skipIf(!hasSystemd)('the unit (needs systemd-analyze)', () => {
  const unit = () => {
    const folder = mkdtempSync(join(tmpdir(), 'dropgate-unit-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'uploads.service')
    return (text: string) => {
      writeFileSync(file, text.replace('/usr/bin/node', process.execPath))
      const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' })
      return analyze
    }
  }

  it('has nothing in it that systemd does not know, and that would be said', () => {
    const write = unit()
    const honest = write(deploymentFile('dropgate.service'))('verify')
    expect([honest.status, honest.stderr]).toEqual([0, ''])
    const wrong = write(deploymentFile('dropgate.service').replace('ProtectHome=', 'ProtectHouse='))('verify')
    expect(wrong.stderr).toContain('ProtectHouse')
  })

  it('shuts away what a service of Node can do without', () => {
    const { status, stdout } = unit()(deploymentFile('dropgate.service'))('security', '--offline=yes', '--threshold=20')
    expect([status, stdout.split('\n').at(-2)]).toEqual([0, expect.stringContaining('OK')])
  })
})
