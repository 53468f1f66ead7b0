/** A short round of `npm run fuzz`, and the proof that it would find something. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { runCase, runRound } from './engine.ts'
import { planted } from './planted.ts'
import { Random } from './random.ts'
import { shrink } from './shrink.ts'
import { targets } from './targets/index.ts'
import { watchRound } from './watch.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Always the same inputs, so that a failure is one of the code; `npm run fuzz` takes new ones. */
const seed = 20_261_122

describe('the short round', () => {
  it('finds nothing: no throw, no call over 50 ms, the same at every cut, the same as the models', () => {
    const { failures, inputs, perTarget, outcomes } = runRound({ targets, inputs: 60_000, seed })
    expect(failures).toEqual([])
    expect(inputs).toBeGreaterThanOrEqual(60_000)
    expect([...perTarget.keys()].sort()).toEqual(targets.map(({ name }) => name).sort())
    // It gets about: forms alone end in more than a hundred ways.
    expect(outcomes).toBeGreaterThan(300)
  }, 180_000)

  it('runs the same inputs again for the same seed, and others for another', () => {
    const inputsOf = (round: number) => {
      const inputs: string[] = []
      runRound({ targets: targets.slice(1), inputs: 1500, seed: round, before: ({ input }) => inputs.push(input) })
      return inputs.join('\n')
    }
    expect(inputsOf(1)).toBe(inputsOf(1))
    expect(inputsOf(1)).not.toBe(inputsOf(2))
  })
})

describe('planted faults', () => {
  it('are there for every target', () => {
    expect(targets.map(({ name }) => name).filter(name => !planted.some(({ target }) => target.name === name))).toEqual(
      [],
    )
  })

  it.each(planted.map(one => [`${one.target.name}: ${one.fault}`, one] as const))(
    '%s',
    (_title, { target, kinds }) => {
      const { failures } = runRound({ targets: [target], inputs: 20_000, seed, maxFailures: 1, shrinkMs: 500 })
      const [failure] = failures
      if (!failure) throw new Error('not found')
      expect(kinds).toContain(failure.kind)
      // Shrunk, and failing still; the true reader passes.
      expect(failure.input.length).toBeLessThanOrEqual(failure.shrunkFrom)
      if (failure.kind !== 'slow') expect(runCase(target, failure).problem?.kind).toBe(failure.kind)
      const real = targets.find(({ name }) => name === target.name)
      if (!real) throw new Error('no such target')
      expect(runCase(real, failure).problem).toBeUndefined()
    },
    60_000,
  )

  it('an endless loop: the thread is stopped, and its input is told', async () => {
    const module = new URL('planted.ts', import.meta.url).href
    const { failures } = await watchRound({ module, inputs: 20_000, seed, patienceMs: 3_000 })
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatchObject({ target: 'multipart', kind: 'slow' })
    expect(failures[0]?.input).toContain('__proto__: 1')
  }, 60_000)
})

describe('shrinking', () => {
  it('leaves nothing that is not needed', () => {
    const random = new Random(seed)
    const noise = () => String.fromCharCode(...Array.from({ length: 300 }, () => 40 + random.below(80)))
    expect(shrink(`${noise()}\r\n${noise()}"${noise()}`, text => text.includes('\r\n') && text.includes('"'))).toBe(
      '\r\n"',
    )
  })
})

describe('npm run fuzz', () => {
  const run = (...args: string[]) => {
    const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    return { status, output: stdout + stderr }
  }

  it('prints its seed and its figures', () => {
    const { status, output } = run('--inputs', '3000', '--seed', '5')
    expect(output).toMatch(/^fuzz --inputs 3000 --seed 5\n/)
    expect(output).toMatch(/\d+ inputs, \d+ kinds of outcome, 0 failures, \d+ s \(seed 5\)\n$/)
    expect(status).toBe(0)
  })

  it('runs a failure again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
    folders.push(folder)
    const file = join(folder, 'failure.json')
    writeFileSync(file, JSON.stringify({ target: 'file-name', input: '../x', seed: 1 }))
    expect(run('--replay', file)).toEqual({ status: 0, output: expect.stringMatching(/^passes: /) })
    writeFileSync(file, JSON.stringify({ target: 'nothing', input: '../x', seed: 1 }))
    expect(run('--replay', file).status).toBe(2)
  })
})
