/** Runs one scenario: rounds outside, contenders inside and rotated, so that a busy moment hits all alike. */
import { columns } from './columns.mjs'
import { titleOf } from './contenders.mjs'
import { Table } from './statistics.mjs'

/**
 * @param scenario a file of `scenarios/`
 * @param {{ client: object, place: (name: string) => string, quick: boolean, tmpfs: boolean, deadline: number }} tools
 * @param {number} rounds
 * @param {string[]} words only rows of contenders whose name holds one of these; all when empty
 * @returns {Promise<{ table: Table, skipped: number }>}
 */
export async function runScenario(scenario, tools, rounds, words) {
  const rows = scenario
    .rows(tools)
    .filter(row => words.length === 0 || words.some(word => row.contender.includes(word)))
  const table = new Table()
  const failed = new Set()
  let skipped = 0
  for (let round = 0; round < rounds; round++) {
    for (const row of rotated(rows, round)) {
      if (failed.has(row) || round >= (row.rounds ?? rounds)) continue
      if (Date.now() > tools.deadline) {
        skipped++
        continue
      }
      const name = [`${round + 1}/${rounds}`, row.case, titleOf(row.contender)].filter(Boolean).join('  ')
      try {
        const sample = await row.measure({ ...tools, round })
        table.add(row.case, row.contender, round, sample)
        progress(`${name}: ${sampleText(scenario, sample)}`)
      } catch (error) {
        failed.add(row)
        table.fail(row.case, row.contender, error.message)
        progress(`${name}: FAILED, ${error.message}`)
      }
    }
  }
  return { table, skipped }
}

function rotated(rows, by) {
  const start = rows.length > 0 ? by % rows.length : 0
  return [...rows.slice(start), ...rows.slice(0, start)]
}

function sampleText(scenario, sample) {
  return scenario.columns
    .filter(column => sample[column] !== undefined)
    .map(column => `${sample[column].toFixed(columns[column].digits)} ${columns[column].title}`)
    .join(', ')
}

function progress(line) {
  console.error(`  ${line}`)
}
