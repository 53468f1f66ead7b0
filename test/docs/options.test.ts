/** docs/options.md is what the code's own tables and docstrings say. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultMessages } from '../../src/sansio/messages.ts'
import { policyDefaults } from '../../src/sansio/policy/define.ts'
import { csrfDefaults } from '../../src/server/csrf-options.ts'
import { root, textOf } from './blocks.ts'

const page = textOf('docs/options.md')
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(/ (?<!\\)\| /))

describe('docs/options.md', () => {
  it('is what `npm run docs` would write', () => {
    const script = join(root, 'scripts/docs.mjs')
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('has a type, and a meaning or a default, for every option', () => {
    expect(rows.length).toBeGreaterThan(120)
    for (const [name, type, standard, text] of rows) {
      expect(type, name).not.toBe('')
      expect(`${standard}${text}`.trim(), name).not.toBe('')
    }
  })

  it('lists every option that has a default in the code', () => {
    const names = rows.map(([name]) => name)
    for (const known of [policyDefaults, csrfDefaults, defaultMessages]) {
      for (const name of Object.keys(known)) expect(names).toContain(`\`${name}\``)
    }
  })
})
