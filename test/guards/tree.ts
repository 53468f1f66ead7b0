/** Small source trees for the guards: written, checked, removed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** Files by their path. They lie inside the repository so that its packages resolve. */
export function makeTree(files: Record<string, string>): string {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/tree-'))
  addFiles(folder, files)
  return folder
}

export function addFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

export function removeTree(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs a script of the repository and returns what it said. */
export function runScript(script: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}
