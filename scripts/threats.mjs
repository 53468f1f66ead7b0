/** `npm run threats`: see the help text. */
import { spawnSync } from 'node:child_process'
import { cpSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from './command-line.mjs'
import { ensureBuild, ensureModules, root, toolNode } from './setup.mjs'

const help = `npm run threats [-- options]

Runs every test that the table of threats (docs/security.md) names, and prints the table with marks. Some minutes.

  --row N    only this row; may be repeated
  --prove    takes each row's guard away in a copy of the tree, runs the row's test and must see it fail
  --docs     runs nothing; writes the table into docs/security.md
  --help     this text

Examples
  npm run threats -- --row 47 --row 48
  npm run threats -- --prove`

/** A test that runs on without its guard is stopped, and has failed. */
const patience = 60_000
const hour = 3_600_000

await run(help, () => {
  if (process.features.typescript) return main()
  // The table is TypeScript; the Node that the project brings along reads it as it is.
  ensureModules()
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  return spawnSync(toolNode(), args, { stdio: 'inherit' }).status ?? 1
})

async function main() {
  const { values } = parseArgs({
    options: {
      prove: { type: 'boolean' },
      docs: { type: 'boolean' },
      row: { type: 'string', multiple: true },
    },
  })
  const { threats, withTable } = await import('../test/threats/table.ts')
  const wanted = threats.filter(({ row }) => values.row?.includes(String(row)) ?? true)
  if (values.docs) {
    const page = join(root, 'docs/security.md')
    writeFileSync(page, withTable(readFileSync(page, 'utf8')))
    return 0
  }
  // Where node_modules is a link it belongs to another tree: installing through it would empty that one.
  if (!isLink(join(root, 'node_modules'))) ensureModules()
  await ensureBuild()
  return values.prove ? prove(wanted) : show(wanted)
}

function show(rows) {
  const files = [...new Set(rows.flatMap(({ tests }) => tests.map(([file]) => `test/${file}`)))]
  const results = runTests(root, files, undefined, hour) ?? []
  let failed = 0
  let skipped = 0
  for (const { row, threat, answer, tests, absent } of rows) {
    const marks = tests.map(([file, name]) => ({ file, name, mark: markOf(results, file, name) }))
    const worst = absent
      ? 'absent'
      : (['FAILED', 'NO TEST', 'skipped'].find(one => marks.some(({ mark }) => mark === one)) ?? 'pass')
    if (worst === 'FAILED' || worst === 'NO TEST') failed++
    if (worst === 'skipped') skipped++
    console.log(`${String(row).padStart(2)}  ${worst.padEnd(8)}${threat}\n            ${answer}`)
    for (const { file, name, mark } of marks)
      if (mark !== 'pass') console.log(`            ${mark}: test/${file}: ${name}`)
  }
  const absent = rows.filter(row => row.absent).length
  const passed = rows.length - failed - skipped - absent
  console.log(
    `\n${rows.length} rows: ${passed} pass, ${failed} fail, ${skipped} with a skipped test, ${absent} of what does not exist yet`,
  )
  return failed > 0 ? 1 : 0
}

function prove(rows) {
  const copy = mkdtempSync(join(tmpdir(), 'dropgate-prove-'))
  const counts = { proved: 0, 'NOT proved': 0, absent: 0 }
  try {
    const left = new Set(['node_modules', '.git', '.cache', 'site'])
    cpSync(root, copy, { recursive: true, filter: path => !left.has(path.slice(root.length + 1)) })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    const guarded = rows.filter(({ guard }) => guard)
    const before =
      runTests(copy, [...new Set(guarded.map(row => `test/${provingTest(row)[0]}`))], undefined, hour) ?? []
    for (const threat of rows) {
      const verdict = threat.guard ? verdictOf(copy, threat, before) : 'absent'
      counts[verdict]++
      console.log(
        `${String(threat.row).padStart(2)}  ${verdict.padEnd(16)}${threat.absent ?? threat.guard?.file ?? ''}`,
      )
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  const sums = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`)
  console.log(`\n${sums.join(', ')}, of ${rows.length} rows`)
  return counts['NOT proved'] > 0 ? 1 : 0
}

/** Whether the row's test, which passed as things are, fails without the guard. */
function verdictOf(copy, threat, before) {
  const { guard } = threat
  const [file, name] = provingTest(threat)
  if (markOf(before, file, name) !== 'pass') return 'NOT proved'
  const path = join(copy, guard.file)
  const source = readFileSync(path, 'utf8')
  try {
    writeFileSync(
      path,
      source.replace(guard.text, () => guard.replacement),
    )
    const results = runTests(copy, [`test/${file}`], name, patience)
    return results === undefined || markOf(results, file, name) === 'FAILED' ? 'proved' : 'NOT proved'
  } finally {
    writeFileSync(path, source)
  }
}

function provingTest({ tests, guard }) {
  return tests[guard.test ?? 0]
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** What vitest says of these files, as a flat list; undefined when it had to be stopped. */
function runTests(folder, files, name, timeout) {
  const output = join(mkdtempSync(join(tmpdir(), 'dropgate-threats-run-')), 'results.json')
  // A placeholder of a parametrised test stands for anything.
  const pieces = name?.split(/%\w/).map(piece => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = pieces ? ['-t', pieces.join('.*')] : []
  const args = ['run', '--maxWorkers=1', '--reporter=json', `--outputFile=${output}`, ...pattern, ...files]
  const { error } = spawnSync(toolNode(), [join(folder, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: folder,
    stdio: 'ignore',
    timeout,
    killSignal: 'SIGKILL',
  })
  try {
    if (error) return undefined
    return JSON.parse(readFileSync(output, 'utf8')).testResults.flatMap(file =>
      file.assertionResults.map(({ fullName, status }) => ({ file: file.name, fullName, status })),
    )
  } catch {
    return []
  } finally {
    rmSync(join(output, '..'), { recursive: true, force: true })
  }
}

function markOf(results, file, name) {
  const parts = name.split(/%\w/)
  const found = results.filter(
    one => one.file.endsWith(`/test/${file}`) && parts.every(part => one.fullName.includes(part)),
  )
  const ran = found.filter(({ status }) => status === 'passed' || status === 'failed')
  if (ran.some(({ status }) => status === 'failed')) return 'FAILED'
  if (ran.length > 0) return 'pass'
  return found.length > 0 ? 'skipped' : 'NO TEST'
}
