/** docs/coming-from-flask-dropzone.md names every setting, and its right column is what the code does. */
import { describe, expect, it } from 'vitest'
import { defaultMessages, type Messages } from '../../src/sansio/messages.ts'
import { settingsFromEnv } from '../../src/sansio/settings/env.ts'
import { textOf } from './blocks.ts'

interface Row {
  readonly setting: string
  readonly option: string
  readonly standard: string
}

const cellsOf = (line: string) =>
  line
    .slice(1, -1)
    .split('|')
    .map(cell => cell.trim().replaceAll('`', ''))
const lines = textOf('docs/coming-from-flask-dropzone.md').split('\n')
const rows: Row[] = lines
  .filter(line => line.startsWith('| `DROPZONE_'))
  .map(cellsOf)
  .map(([setting = '', , option = '', standard = '']) => ({ setting, option, standard }))

/** Options and their defaults, as docs/options.md has them; `dropArea.timeout` and so on. */
const options = new Map<string, string>()
let section = ''
for (const line of textOf('docs/options.md').split('\n')) {
  section = /^## `(\w+)`/.exec(line)?.[1] ?? (line.startsWith('## ') ? '' : section)
  const [name, , standard = ''] = cellsOf(line.replaceAll('\\|', '/'))
  if (line.startsWith('| `')) options.set(`${section}.${name}`, standard)
}

describe('the table of settings', () => {
  it('has 25 rows, each a setting that the environment knows', () => {
    expect(new Set(rows.map(({ setting }) => setting)).size).toBe(25)
    for (const { setting } of rows) expect(() => settingsFromEnv({ [setting]: '' }), setting).not.toThrow()
    expect(() => settingsFromEnv({ DROPZONE_NONSENSE: '' })).toThrow('is not a setting')
  })

  it('names options that exist', () => {
    for (const { option } of rows) expect(options.has(option), option).toBe(true)
  })

  it('gives the defaults of the code', () => {
    for (const { option, standard } of rows) {
      const [place, name = ''] = option.split('.')
      if (place === 'messages') expect(standard).toBe(defaultMessages[name as keyof Messages])
      const known = options.get(option)?.replace(/^'(.*)'$/, '$1')
      if (standard !== '' && known) expect(standard, option).toBe(known)
    }
  })
})
