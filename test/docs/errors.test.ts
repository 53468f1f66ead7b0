/** docs/errors.md and the closed list of refusals say the same. */
import { describe, expect, it } from 'vitest'
import { uploadErrors } from '../../src/sansio/errors.ts'
import { textOf } from './blocks.ts'

/** Rows of the tables, as `[code, status, sentence, when, what to do]`. */
const rows = textOf('docs/errors.md')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(' | '))

const documented = rows.map(([code = '', status, sentence]) => [
  code.replaceAll('`', ''),
  { status: Number(status), text: sentence },
])

describe('docs/errors.md', () => {
  it('has every code, with its status and sentence, and no other', () => {
    expect(Object.fromEntries(documented)).toEqual(uploadErrors)
    expect(documented).toHaveLength(Object.keys(uploadErrors).length)
  })

  it('says of each when it happens and what to do', () => {
    for (const row of rows) expect(row.filter(cell => cell.trim() !== '')).toHaveLength(5)
  })
})
