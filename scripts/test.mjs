/**
 * `npm test [-- filter …]`: sets up, runs every check and every test, and ends with the line `N passed, N failed`.
 * With a filter only the matching test files run, and no checks.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensurePrograms } from './machine.mjs'
import { ensureBuild, ensureModules, root, toolNode } from './setup.mjs'
import { faultsOfLines, keptLines } from './test-lines.mjs'
import { countTests } from './test-report.mjs'

/** Continuous integration must end within 30 minutes; a hung test run is a failure, not a wait. */
const testsTimeoutMs = 24 * 60_000

/** Of a whole run, far below what it writes: with fewer there is something wrong with how lines are kept. */
const leastLines = { tests: 200, child: 200 }

const inCi = !['', undefined, 'false', '0'].includes(process.env.CI)
const filter = process.argv.slice(2)
const total = { passed: 0, failed: 0 }

function count(name, failure) {
  if (failure === undefined) total.passed++
  else total.failed++
  console.log(failure === undefined ? `ok      ${name}` : `FAILED  ${name}: ${failure}`)
}

async function attempt(name, action) {
  try {
    await action()
    count(name)
  } catch (error) {
    count(name, error.message)
  }
}

/** Runs one of the installed tools; its output is shown when it fails. */
function check(name, script, ...args) {
  const { status, error, stdout } = spawnSync(toolNode(), [join(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 2],
  })
  if (status !== 0) console.log(stdout ?? '')
  count(name, status === 0 ? undefined : (error?.message ?? `exit code ${status}`))
}

function checks() {
  check('types of the tests', 'node_modules/typescript/bin/tsc', '-p', 'test')
  check('format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.')
  check('floors: imports point downwards', 'scripts/check-floors.mjs')
  check('floor 0 is pure', 'scripts/check-purity.mjs')
  check('nothing unused', 'node_modules/knip/bin/knip.js')
}

/** @param folder for the lines that engines write to their logs */
function tests(folder) {
  const file = join(root, '.cache/vitest.json')
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { status, error } = spawnSync(
    toolNode(),
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...filter],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: testsTimeoutMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, ...keepingLines(folder) },
    },
  )
  if (!existsSync(file)) return count('tests', error?.message ?? `no report was written (exit code ${status})`)
  const report = countTests(JSON.parse(readFileSync(file, 'utf8')), { inCi, exitCode: status })
  for (const line of report.lines) console.log(line)
  total.passed += report.passed
  total.failed += report.failed
}

function keepingLines(folder) {
  const { href } = pathToFileURL(join(root, 'test/support/lines.mjs'))
  return { DROPGATE_TEST_LINES: folder, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${href}`.trim() }
}

async function checkLines(folder) {
  const { formatEvent } = await import(pathToFileURL(join(root, 'dist/index.js')).href)
  const faults = Object.entries(leastLines).flatMap(([whose, least]) => {
    const lines = keptLines(folder, formatEvent, whose)
    console.log(`        ${whose}: ${lines.length} lines`)
    return faultsOfLines(lines, filter.length === 0 ? least : 0)
  })
  for (const fault of faults) console.log(`        ${fault}`)
  if (faults.length > 0) throw new Error(`${faults.length} faults`)
}

await attempt('packages of the lock file', ensureModules)
const missing = ensurePrograms()
for (const sentence of missing) {
  if (inCi) count('programs for the tests', sentence)
  else console.log(`note    ${sentence}`)
}
await attempt('build', () => ensureBuild())
if (filter.length === 0) checks()
const folder = mkdtempSync(join(tmpdir(), 'dropgate-lines-'))
tests(folder)
await attempt('lines of logs: no controls, tokens, cookies, whole ids', () => checkLines(folder))
rmSync(folder, { recursive: true, force: true })
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
