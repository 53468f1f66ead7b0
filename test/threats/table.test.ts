/** No row of the table is forgotten: each has tests that exist, a guard that exists, and its line in docs/security.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Threat, threats, withTable } from './table.ts'

const root = new URL('../../', import.meta.url)
const rowFiles = readdirSync(import.meta.dirname).filter(name => name.endsWith('-rows.test.ts'))
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** What is wrong with a list of rows. */
function faultsOf(list: readonly Threat[]): string[] {
  const numbers = list.map(({ row }) => row)
  const missing = Array.from({ length: 78 }, (_, i) => i + 1).filter(row => !numbers.includes(row))
  const twice = numbers.filter((row, i) => numbers.indexOf(row) !== i)
  const without = list.filter(({ tests, absent }) => (tests.length === 0) !== (absent !== undefined))
  return [
    ...missing.map(row => `row ${row} is missing`),
    ...twice.map(row => `row ${row} is there twice`),
    ...without.map(({ row }) => `row ${row} has neither tests nor a reason, or both`),
    ...list.flatMap(({ row, tests }) =>
      tests.filter(([file, name]) => !hasTest(file, name)).map(ref => `row ${row}: no test ${ref.join(': ')}`),
    ),
    ...list.flatMap(({ row, guard, tests, absent }) => {
      if (!guard) return absent ? [] : [`row ${row}: no guard is named`]
      const times = sourceOf(guard.file).split(guard.text).length - 1
      const target = tests[guard.test ?? 0]
      return times === 1 && target && guard.replacement !== guard.text
        ? []
        : [`row ${row}: the guard is there ${times} times`]
    }),
  ]
}

/** Whether a file has a test of that name; rows of the helper are written as `row: 7,`. */
function hasTest(file: string, name: string): boolean {
  const source = sourceOf(`test/${file}`)
  const row = /^row (\d+):$/.exec(name)?.[1]
  return row !== undefined && file.endsWith('-rows.test.ts')
    ? new RegExp(`^ +row: ${row},$`, 'm').test(source)
    : source.includes(name)
}

function sourceOf(path: string): string {
  try {
    return read(path)
  } catch {
    return ''
  }
}

describe('the table of threats', () => {
  test('has 78 rows, each with tests that exist or the reason why there are none', () => {
    expect(faultsOf(threats)).toEqual([])
  })

  test('is the one in docs/security.md', () => {
    const page = read('docs/security.md')
    expect(page).toBe(withTable(page))
  })

  test('lists every row that the helper runs, and none of them is skipped', () => {
    for (const file of rowFiles) {
      const source = read(`test/threats/${file}`)
      expect(source, file).toMatch(/^threatRows\(rows\)$/m)
      expect(source, file).not.toMatch(/\.(?:skip|only|todo)\b/)
      for (const [, number] of source.matchAll(/^ +row: (\d+),$/gm)) {
        const listed = threats.find(({ row }) => row === Number(number))?.tests.map(([where]) => where)
        expect(listed, `row ${number}`).toContain(`threats/${file}`)
      }
    }
  })

  test('notices a row without a test, a test or a file that is not there, and a guard that has moved', () => {
    const spoilt = threats.map((threat): Threat => {
      if (threat.row === 1) return { ...threat, tests: [] }
      if (threat.row === 2) return { ...threat, tests: [['threats/multipart-rows.test.ts', 'row 79:']] }
      if (threat.row === 3) return { ...threat, tests: [['threats/gone.test.ts', 'row 3:']] }
      if (threat.row !== 4 || !threat.guard) return threat
      return { ...threat, guard: { ...threat.guard, text: 'no such text' } }
    })
    const found = faultsOf(spoilt.filter(({ row }) => row !== 5)).map(fault => fault.slice(0, 6))
    expect(new Set(found)).toEqual(new Set(['row 1 ', 'row 1:', 'row 2:', 'row 3:', 'row 4:', 'row 5 ']))
  })
})
