/** Writes the figures of `bench/results` into `docs/benchmarks.md`, between its markers, and draws `docs/images/bench-*.svg`. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { columns } from './columns.mjs'
import { markdownTable, tableOf } from './report.mjs'
import { Table } from './statistics.mjs'
import { sentence, verdict } from './targets.mjs'

const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
const images = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const pathOf = letter => fileURLToPath(new URL(`../results/${letter}.json`, import.meta.url))
const [begin, end] = ['<!-- begin: written by npm run bench -->', '<!-- end: written by npm run bench -->']

/** @param scenarios all of them; those that were never measured whole are left out */
export async function writeDocs(scenarios) {
  const measured = scenarios
    .filter(({ letter }) => existsSync(pathOf(letter)))
    .map(scenario => ({ scenario, result: resultOf(scenario) }))
  for (const name of readdirSync(images)) if (/^bench-.*\.svg$/.test(name)) rmSync(`${images}${name}`)
  const sections = []
  for (const one of measured) sections.push(await section(one))
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error('docs/benchmarks.md has lost its markers.')
  const body = sections.length > 0 ? [summary(measured), ...sections].join('\n\n') : 'No whole run yet.'
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${body}\n\n${text.slice(to)}`)
}

/** What was measured, held against what the scenario claims today. */
function resultOf({ letter, targets }) {
  const result = JSON.parse(readFileSync(pathOf(letter), 'utf8'))
  return { ...result, targets: targets(Table.from(result.rows)) }
}

function summary(measured) {
  const body = measured.map(({ scenario: { letter, title }, result: { targets } }) => {
    const bold = targets.filter(({ boldMet }) => boldMet !== undefined)
    const reached = bold.length > 0 ? `${bold.filter(({ boldMet }) => boldMet).length} of ${bold.length}` : '-'
    return [letter, title, verdict(targets), reached]
  })
  return markdownTable({ head: ['', 'scenario', 'target', 'bold goals'], body, texts: 3 })
}

async function section({ scenario, result }) {
  const table = Table.from(result.rows)
  const ceiling =
    result.ceiling &&
    `The client alone: ${result.ceiling.rate.toFixed(0)} MiB/s, ${result.ceiling.files.toFixed(0)} files/s.`
  return [
    `### ${scenario.letter}. ${scenario.title}: ${verdict(result.targets)}`,
    conditions(result),
    ...(await drawCharts(scenario, table)),
    markdownTable(tableOf(scenario, table)),
    ...(ceiling ? [ceiling] : []),
    result.targets.map(claim => `- ${sentence(claim).trim()}`).join('\n'),
  ].join('\n\n')
}

function conditions({ when, rounds, machine, versions }) {
  const { processor, cores, memoryGiB, system, fileSystem, node, commit } = machine
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${when.slice(0, 10)}, ${rounds} rounds; ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, disk: ${fileSystem}`,
    `Node ${node}, Dropgate ${commit}; ${peers.join(', ')}.`,
  ].join('; ')
}

/** A chart for each case of the main column, as lines of Markdown. */
async function drawCharts({ letter, title, columns: [main], charts }, table) {
  const { barChart } = await import('./charts.mjs')
  const rows = table.rows().filter(row => !row.failure)
  const cases = [...new Set(rows.map(row => row.case))].filter(name => charts === undefined || charts.includes(name))
  const lines = []
  for (const [index, name] of cases.entries()) {
    const bars = rows.filter(row => row.case === name).flatMap(row => barOf(table, row, main))
    if (bars.length < 2) continue
    const heading = name === '' ? title : `${title}: ${name}`
    const file = `bench-${letter}${cases.length > 1 ? `-${index + 1}` : ''}.svg`
    const { title: unit, better } = columns[main]
    writeFileSync(`${images}${file}`, await barChart({ title: heading, unit, bars, better }))
    lines.push(`![${heading}, ${unit}](images/${file})`)
  }
  return lines
}

function barOf(table, { case: name, contender }, column) {
  const values = table.values(name, contender, column)
  if (values.length === 0) return []
  const median = table.median(name, contender, column)
  return [{ contender, median, least: Math.min(...values), greatest: Math.max(...values) }]
}
