/** Inputs that once did harm, or that lead somewhere the generators seldom go. They are run first, every time. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One line of `seeds/<target>.jsonl`. */
export interface KeptSeed {
  /** What it once did. */
  readonly why: string
  readonly input: string
  /** Decides over cuts and the like. */
  readonly seed: number
}

export function keptSeeds(target: string): KeptSeed[] {
  const file = fileOf(target)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as KeptSeed)
}

export function keepSeed(target: string, kept: KeptSeed): string {
  const file = fileOf(target)
  const all = [...keptSeeds(target), kept]
  writeFileSync(file, `${all.map(one => JSON.stringify(one)).join('\n')}\n`)
  return file
}

function fileOf(target: string): string {
  return fileURLToPath(new URL(`seeds/${target}.jsonl`, import.meta.url))
}
