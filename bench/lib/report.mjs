/** Tables, for the terminal and for Markdown. */
import { columns } from './columns.mjs'
import { titleOf } from './contenders.mjs'
import { spread } from './statistics.mjs'

/**
 * Head and rows of a scenario's table as texts: the columns measured, the spread of the first one, its ratio to the
 * reference (`raw-pipe`) and to the best raw design of the same case, and what the scenario derives.
 *
 * @param {{ columns: string[], reference?: string, derived?: { title: string, digits: number, value: Function }[] }} scenario
 * @param {import('./statistics.mjs').Table} table
 */
export function tableOf({ columns: wanted, reference = 'raw-pipe', derived = [] }, table) {
  const rows = table.rows()
  const [main, ...others] = wanted
  const several = new Set(rows.map(row => row.case)).size > 1
  const bounds = [
    ...(rows.some(row => row.contender === reference) ? [{ title: `x ${reference}`, of: () => reference }] : []),
    ...(rows.some(isOtherRaw) ? [{ title: 'x best raw', of: row => bestRaw(row, rows, table, main) }] : []),
  ]
  const head = [
    ...(several ? ['case'] : []),
    'contender',
    columns[main].title,
    'spread',
    ...bounds.map(({ title }) => title),
    ...derived.map(({ title }) => title),
    ...others.map(column => columns[column].title),
  ]
  const body = rows.map(row => {
    const names = [...(several ? [row.case] : []), titleOf(row.contender)]
    const values = table.values(row.case, row.contender, main)
    if (row.failure || values.length === 0) return [...names, row.failure ?? 'not measured']
    const ratio = other => other && table.ratio([row.case, row.contender], [row.case, other], main)
    const cell = column => numberText(table.median(row.case, row.contender, column), columns[column].digits)
    return [
      ...names,
      cell(main),
      `${(spread(values) * 100).toFixed(0)} %`,
      ...bounds.map(({ of }) => numberText(ratio(of(row)), 2)),
      ...derived.map(({ value, digits }) => numberText(value(table, row), digits)),
      ...others.map(cell),
    ]
  })
  return { head, body, texts: several ? 2 : 1 }
}

function isOtherRaw({ contender }) {
  return /^raw-(?!pipe)\w+$/.test(contender)
}

function bestRaw(row, rows, table, column) {
  const raws = rows.filter(other => other.case === row.case && /^raw-\w+$/.test(other.contender))
  return table.best(
    row.case,
    raws.map(other => other.contender),
    column,
    columns[column].better,
  )
}

/** For the terminal. */
export function plainTable({ head, body, texts }) {
  const widths = head.map((title, index) =>
    Math.max(title.length, ...body.filter(row => row.length === head.length).map(row => row[index].length)),
  )
  const line = row =>
    row.map((cell, index) => (index < texts ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join('  ')
  return [head, ...body].map(row => line(row).trimEnd()).join('\n')
}

/** For Markdown. */
export function markdownTable({ head, body, texts }) {
  const line = cells => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index < texts ? '---' : '---:'))
  return [head, rule, ...body].map(line).join('\n')
}

function numberText(value, digits) {
  return value === undefined ? '-' : value.toFixed(digits)
}
