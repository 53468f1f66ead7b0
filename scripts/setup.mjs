/**
 * What `npm start` and `npm test` do before anything else: install the packages of the lock file and build, each only
 * when something changed. Node 20 built-ins only, because on a fresh clone nothing is installed yet.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The folder of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** The built command line. */
export const commandLine = join(root, 'dist/cli/main.js')

const modules = join(root, 'node_modules')
const stampOfModules = join(modules, '.dropgate-lock')
const stampOfBuild = join(root, '.cache/build.json')

/**
 * The Node that the user typed `npm` with. npm puts node_modules/.bin first in PATH, so plain `node` means the
 * devDependency there; the product must run on the user's own.
 */
export function userNode() {
  return process.env.npm_node_execpath ?? process.execPath
}

/** The Node that builds and tests. */
export function toolNode() {
  const pinned = join(root, 'node_modules/.bin/node')
  return existsSync(pinned) ? pinned : process.execPath
}

/** Installs what the lock file says, unless that was the last thing done. */
export function ensureModules() {
  const wanted = hashOf([join(root, 'package-lock.json')])
  if (existsSync(stampOfModules) && readFileSync(stampOfModules, 'utf8') === wanted) return
  // A link leads into somebody else's folder, which npm ci would empty first.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return
  console.error('Installing packages (npm ci) …')
  // --include=dev: NODE_ENV=production would leave the compiler out.
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [userNode(), [npm]] : ['npm', []]
  run(command, [...args, 'ci', '--include=dev'], 'npm ci failed')
  writeFileSync(stampOfModules, wanted)
}

/**
 * Builds `dist` unless it already belongs to these sources.
 *
 * @param checkTypes false builds the same files without checking them: what is checked in has been, and whoever just
 *   wants to start should not wait for it
 */
export async function ensureBuild({ checkTypes = true } = {}) {
  const files = sources()
  const hash = hashOf(files)
  const names = files.map(file => relative(root, file))
  const last = readStamp()
  if (last?.hash === hash && (last.checked || !checkTypes) && existsSync(commandLine)) return
  // The compiler never deletes: what a removed source had made would be packed for ever.
  if (!last || last.names.some(name => !names.includes(name)))
    rmSync(join(root, 'dist'), { recursive: true, force: true })
  rmSync(stampOfBuild, { force: true })
  await build(checkTypes)
  mkdirSync(dirname(stampOfBuild), { recursive: true })
  writeFileSync(stampOfBuild, JSON.stringify({ hash, names, checked: checkTypes }))
}

/** Both. Everything said goes to stderr: stdout belongs to the command. */
export async function setUp(options) {
  ensureModules()
  await ensureBuild(options)
}

async function build(checkTypes) {
  console.error('Building …')
  run(
    toolNode(),
    [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...(checkTypes ? [] : ['--noCheck'])],
    'the build failed',
  )
  chmodSync(commandLine, 0o755)
  const { buildClient } = await import(pathToFileURL(join(root, 'scripts/build-client.mjs')).href)
  await buildClient()
}

/** Runs a command with its output on stderr; throws one sentence when it fails. */
function run(command, args, complaint) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) throw new Error(`${complaint}: ${error.message}`)
  if (status !== 0) throw new Error(`${complaint} (exit code ${status})`)
}

function sources() {
  const top = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.json']
  const scripts = readdirSync(join(root, 'scripts')).filter(name => name === 'setup.mjs' || name.startsWith('build'))
  return [...top, ...scripts.map(name => join('scripts', name))]
    .map(name => join(root, name))
    .concat(filesUnder(join(root, 'src')))
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.md'))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampOfBuild, 'utf8'))
  } catch {
    return undefined
  }
}
