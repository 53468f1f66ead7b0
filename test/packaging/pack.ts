/** The packed package, and empty projects it is installed into. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
/** Under npm this is the Node that npm was started with, not the one that runs the tests. */
export const userNode = process.env.npm_node_execpath ?? process.execPath

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: object
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** The keys of `exports` that are code, as the file name of their door: `.` is `index`. */
export const doors = Object.keys(manifest.exports)
  .filter(key => key !== './package.json')
  .map(key => (key === '.' ? 'index' : key.slice(2)))

/** What is written after `from`. */
export function specifier(door: string): string {
  return door === 'index' ? manifest.name : `${manifest.name}/${door}`
}

/** Runs a program to its end. */
export function run(cwd: string, command: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })
  return { status, output: `${stdout}${stderr}${error ?? ''}` }
}

/** Runs `npm pack`; returns the tarball's path. */
export function pack(folder: string): string {
  const { status, output } = run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder)
  const name = readdirSync(folder).find(file => file.endsWith('.tgz'))
  if (status !== 0 || !name) throw new Error(`npm pack failed: ${output}`)
  return join(folder, name)
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dropgate-package-'))
}

/**
 * An empty project with nothing but the tarball installed; the network is not asked.
 *
 * @param types packages of `@types` that it shall have, taken from ours
 */
export function makeProject(tarball: string, files: Record<string, string>, types: readonly string[] = []): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries({ 'package.json': '{ "private": true, "type": "module" }', ...files })) {
    writeFileSync(join(folder, name), text)
  }
  const { status, output } = run(folder, 'npm', 'install', '--offline', '--no-audit', '--no-fund', tarball)
  if (status !== 0) throw new Error(`npm install failed: ${output}`)
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  for (const name of types) {
    symlinkSync(join(root, 'node_modules/@types', name), join(folder, 'node_modules/@types', name))
  }
  return folder
}

/** Compiles a project with our compiler; returns what it says, which is nothing when all is well. */
export function compile(folder: string): string {
  return run(folder, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.').output
}
