/** `npm run bench`: see `--help`. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../scripts/command-line.mjs'
import { ensureBuild, ensureModules, userNode } from '../scripts/setup.mjs'
import { helpOf, readArguments } from './lib/arguments.mjs'
import { writeDocs } from './lib/docs.mjs'
import { ensurePeers } from './lib/install.mjs'
import { describeMachine, versions } from './lib/machine.mjs'
import { measureCeiling } from './lib/measure.mjs'
import { Client } from './lib/processes.mjs'
import { plainTable, tableOf } from './lib/report.mjs'
import { runScenario } from './lib/run-scenario.mjs'
import { sentence, verdict } from './lib/targets.mjs'

const folderOf = name => fileURLToPath(new URL(name, import.meta.url))
const started = Date.now()
/** A quick run begins nothing after this time, so that it ends within three minutes. */
const quickMs = 150_000

/** Fewer say too little to be published. */
const leastRounds = 3

const scenarios = await load('scenarios')
await run(helpOf(scenarios), () => begin(readArguments(scenarios)))

/** npm puts the Node of the devDependencies first in PATH; what counts is the one that servers run on here. */
async function begin(options) {
  const node = userNode()
  if (realpathSync(node) !== realpathSync(process.execPath)) {
    return spawnSync(node, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1
  }
  if (!options.docs) return bench(options)
  await writeDocs(scenarios)
  return 0
}

/** All modules of a folder, in the order of their names. */
async function load(folder) {
  const names = readdirSync(folderOf(folder)).filter(name => name.endsWith('.mjs'))
  const modules = await Promise.all(names.sort().map(name => import(`./${folder}/${name}`)))
  return modules.map(module => module.default ?? module)
}

/** @returns the exit code: 1 when something was stored wrong or failed, whatever the speed */
async function bench({ quick, rounds, dir, letters, words }) {
  ensureModules()
  await ensureBuild({ checkTypes: false })
  ensurePeers()
  const places = openPlaces(dir)
  const client = new Client()
  const close = () => {
    client.stop()
    for (const place of Object.values(places)) rmSync(place, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
  process.once('exit', close)
  const facts = {
    when: new Date().toISOString().slice(0, 16),
    machine: describeMachine(places.disk),
    versions: versions((await load('contenders')).flatMap(({ packages }) => packages)),
  }
  introduce(facts, quick)
  const tools = { client, place: name => places[name], quick, tmpfs: places.tmpfs !== undefined }
  const whole = !quick && words.length === 0 && rounds >= leastRounds
  const chosen = scenarios.filter(({ letter }) => letters.length === 0 || letters.includes(letter))
  const summary = []
  for (const [index, scenario] of chosen.entries()) {
    const deadline = quick ? share(chosen.slice(index)) : Number.POSITIVE_INFINITY
    const result = await measure(scenario, { ...tools, deadline }, rounds, words)
    summary.push([scenario, result])
    save(scenario, { ...facts, rounds, ...result }, whole)
  }
  console.log('Summary')
  for (const [{ letter, title }, { targets }] of summary)
    console.log(`  ${letter} ${verdict(targets).padEnd(12)} ${title}`)
  if (whole) await writeDocs(scenarios)
  const failures = summary.flatMap(([, { rows }]) => rows.filter(row => row.failure)).length
  console.log(`\n${Math.round((Date.now() - started) / 1000)} s${failures > 0 ? `, ${failures} rows failed` : ''}`)
  process.off('exit', close)
  close()
  return failures > 0 ? 1 : 0
}

/** Until when the first of these scenarios may begin measurements: its share of the time that is left for all of them. */
function share(scenarios) {
  const weights = scenarios.map(({ weight = 1 }) => weight)
  const now = Date.now()
  const left = Math.max(0, started + quickMs - now)
  return now + (left * weights[0]) / weights.reduce((sum, weight) => sum + weight)
}

function introduce(facts, quick) {
  if (quick) console.log('A quick run: one round, smaller than the titles say, and not for publishing.')
  const [load] = loadavg()
  if (load > 0.7)
    console.log(`Others use this machine (load ${load.toFixed(1)}): believe ratios only, and those with care.`)
  console.log(`${factsText(facts)}\n`)
}

/** Runs one scenario and prints it. */
async function measure(scenario, tools, rounds, words) {
  console.log(`${scenario.letter}. ${scenario.title}`)
  const ceiling = scenario.ceiling && (await measureCeiling(tools, scenario.ceiling(tools)))
  const { table, skipped } = await runScenario(scenario, tools, rounds, words)
  const targets = scenario.targets(table)
  console.log(`\n${plainTable(tableOf(scenario, table))}`)
  if (ceiling) console.log(`The client alone: ${ceiling.rate.toFixed(0)} MiB/s, ${ceiling.files.toFixed(0)} files/s`)
  if (skipped > 0) console.log(`${skipped} measurements were left out: the time was over.`)
  console.log(`\n${targets.map(sentence).join('\n')}\n`)
  return { ceiling, rows: table.toJSON(), targets }
}

/** Folders to store in, each new and empty. */
function openPlaces(dir) {
  const open = folder => mkdtempSync(join(folder, 'dropgate-bench-'))
  if (dir) mkdirSync(dir, { recursive: true })
  return { disk: open(dir ?? tmpdir()), ...(existsSync('/dev/shm') && { tmpfs: open('/dev/shm') }) }
}

function save({ letter, title }, result, whole) {
  const folder = folderOf(whole ? 'results' : 'results/quick')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${letter}.json`), `${JSON.stringify({ letter, title, ...result }, undefined, 1)}\n`)
}

function factsText({ machine, versions }) {
  const { processor, cores, memoryGiB, system, fileSystem, node, commit } = machine
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, ${fileSystem}, Node ${node}, Dropgate ${commit}`,
    peers.join(', '),
  ].join('\n')
}
