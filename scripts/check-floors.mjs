/**
 * Runs dependency-cruiser over `src` and makes sure that it has looked at every file: a check that sees less than
 * there is would pass for ever.
 *
 * Usage: check-floors.mjs [folder that holds src [configuration]]
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = resolve(process.argv[2] ?? root)
const configuration = resolve(process.argv[3] ?? join(root, '.dependency-cruiser.mjs'))

const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    configuration,
    '--output-type',
    'json',
    'src',
  ],
  { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
)
const report = parse(stdout)
if (!report) {
  console.error(`dependency-cruiser gave no report (exit code ${status}): ${stderr}`)
  process.exit(1)
}

const seen = new Set(report.modules.map(module => module.source))
const unseen = filesOf(join(folder, 'src')).filter(file => !seen.has(file))
for (const { rule, from, to } of report.summary.violations) console.log(`${rule.name}: ${from} -> ${to}`)
for (const file of unseen) console.log(`not looked at: ${file}`)
console.log(
  `${seen.size} modules, ${report.summary.violations.length} violations, ${unseen.length} files not looked at`,
)
process.exitCode = report.summary.violations.length + unseen.length === 0 ? 0 : 1

function filesOf(source) {
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map(entry =>
      relative(folder, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
  if (files.length === 0) throw new Error(`no TypeScript files in ${source}`)
  return files
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
