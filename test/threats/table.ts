/**
 * The table of threats: what each row is about, what the server answers, which tests show it, and the guard whose
 * removal must make the first of them fail (`npm run threats -- --prove`). docs/security.md shows this table.
 */
import { contentThreats } from './table-content.ts'
import { parsingThreats } from './table-parsing.ts'
import { stateThreats } from './table-state.ts'

/** A test: its file below test/, and a part of its name. `row 7:` stands for all tests of that row in the file. */
export type TestRef = readonly [file: string, name: string]

/** What stands between the threat and the server, and what is there without it. */
export interface Guard {
  readonly file: string
  /** Occurs once in the file. */
  readonly text: string
  readonly replacement: string
  /** Which of the row's tests must notice; the first one if nothing is said. */
  readonly test?: number
}

export interface Threat {
  readonly row: number
  readonly threat: string
  /** Status and sentence, or what holds instead. */
  readonly answer: string
  readonly tests: readonly TestRef[]
  readonly guard?: Guard
  /** Why there is no test: what the row is about does not exist. */
  readonly absent?: string
}

export const threats: readonly Threat[] = [...parsingThreats, ...contentThreats, ...stateThreats]

/** The table as it stands in docs/security.md. */
export function renderTable(list: readonly Threat[] = threats): string {
  const lines = list.map(({ row, threat, answer, tests, absent }) => {
    const shown =
      absent ?? tests.map(([file, name]) => `\`${file}\`: ${name.replace(/^row (\d+):$/, 'row $1')}`).join('<br>')
    return `| ${[row, threat, answer, shown].map(cell => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
  })
  return ['| # | threat | answer | shown by |', '|---|---|---|---|', ...lines].join('\n')
}

export const tableStart = '<!-- threats: written by npm run threats -- --docs -->'
export const tableEnd = '<!-- /threats -->'

/** A page with the table between its two marks. */
export function withTable(page: string): string {
  const [before, rest] = page.split(tableStart)
  const after = rest?.split(tableEnd)[1]
  if (before === undefined || after === undefined) throw new Error('docs/security.md has no place for the table')
  return `${before}${tableStart}\n\n${renderTable()}\n\n${tableEnd}${after}`
}
