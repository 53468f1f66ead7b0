/** `npm run fuzz`: see scripts/fuzz.mjs for its arguments. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Failure, runCase } from './engine.ts'
import { keepSeed } from './seeds.ts'
import { targets } from './targets/index.ts'
import { watchRound } from './watch.ts'

const folder = fileURLToPath(new URL('../../.cache/fuzz/', import.meta.url))

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '1000000' },
      long: { type: 'boolean', default: false },
      seed: { type: 'string' },
      replay: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  if (values.replay !== undefined) return replay(values.replay, values.keep)
  const inputs = values.long ? 10_000_000 : Number(values.inputs)
  const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    console.error('--inputs and --seed are whole numbers.')
    return 2
  }
  return fuzz(inputs, seed)
}

async function fuzz(inputs: number, seed: number): Promise<number> {
  console.log(`fuzz --inputs ${inputs} --seed ${seed}`)
  const begin = performance.now()
  const seconds = () => Math.round((performance.now() - begin) / 1000)
  const progress = (done: number) => {
    if (done % 100_000 === 0) console.log(`${done} inputs, ${seconds()} s`)
  }
  const { failures, perTarget, longest, outcomes, inputs: done } = await watchRound({ inputs, seed, progress })
  for (const [name, count] of perTarget ?? []) {
    console.log(
      `${name.padEnd(20)} ${String(count).padStart(9)} inputs, longest call ${(longest?.get(name) ?? 0).toFixed(1)} ms`,
    )
  }
  for (const failure of failures) console.log(report(failure))
  console.log(
    `${done ?? 'not all'} inputs, ${outcomes ?? '?'} kinds of outcome, ${failures.length} failures, ${seconds()} s (seed ${seed})`,
  )
  return failures.length === 0 ? 0 : 1
}

/** Writes a failure to a file and says how to run it again. */
function report(failure: Failure): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${failure.target}-${failure.kind}-${failure.seed}.json`)
  writeFileSync(file, `${JSON.stringify(failure, undefined, 2)}\n`)
  const { target, kind, problem, input, shrunkFrom } = failure
  return [
    `FAILED  ${target}: ${kind}: ${problem}`,
    `        ${JSON.stringify(input.slice(0, 500))} (${input.length} letters, shrunk from ${shrunkFrom})`,
    `        npm run fuzz -- --replay ${file}`,
  ].join('\n')
}

/** @param keep from now on it is among the seeds that are run first */
function replay(file: string, keep: boolean): number {
  const failure = JSON.parse(readFileSync(file, 'utf8')) as Failure
  const target = targets.find(({ name }) => name === failure.target)
  if (!target) {
    console.error(`There is no target ${failure.target}.`)
    return 2
  }
  const result = runCase(target, failure)
  console.log(
    result.problem ? `FAILED  ${result.problem.kind}: ${result.problem.message}` : `passes: ${result.outcome}`,
  )
  const { seed, input } = failure
  if (keep)
    console.log(`kept in ${keepSeed(failure.target, { why: `${failure.kind}: ${failure.problem}`, seed, input })}`)
  return result.problem ? 1 : 0
}
