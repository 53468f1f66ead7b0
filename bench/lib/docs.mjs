/** Writes the figures of `bench/results` into `docs/benchmarks.md`, between its markers. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { markdownTable, tableOf } from './report.mjs'
import { Table } from './statistics.mjs'
import { sentence, verdict } from './targets.mjs'

const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const resultOf = letter => fileURLToPath(new URL(`../results/${letter}.json`, import.meta.url))
const markers = ['<!-- begin: written by npm run bench -->', '<!-- end: written by npm run bench -->']

/** @param scenarios all of them; those never measured whole are left out */
export async function writeDocs(scenarios) {
  const measured = scenarios
    .filter(({ letter }) => existsSync(resultOf(letter)))
    .map(scenario => ({ scenario, result: JSON.parse(readFileSync(resultOf(scenario.letter), 'utf8')) }))
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(markers[0]), text.indexOf(markers[1])]
  if (before < 0 || after < before) throw new Error('docs/benchmarks.md has lost its markers.')
  const body = measured.map(section).join('\n\n')
  writeFileSync(page, `${text.slice(0, before)}${markers[0]}\n\n${body}\n\n${text.slice(after)}`)
}

function section({ scenario, result }) {
  const claims = result.targets.map(claim => `- ${sentence(claim)}`)
  return [
    `### ${scenario.letter}. ${scenario.title}: ${verdict(result.targets)}`,
    markdownTable(tableOf(scenario, Table.from(result.rows))),
    claims.join('\n'),
  ].join('\n\n')
}
