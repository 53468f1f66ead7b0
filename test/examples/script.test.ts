/** `npm run example`: the launcher and the list. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exampleNames, exampleScript, startByScript } from './run.ts'

describe('npm run example', () => {
  it('starts an example after its own set-up, and ends it', async () => {
    const example = await startByScript('basic')
    expect((await fetch(example.url)).status).toBe(200)
  }, 120_000)

  it.each([
    { args: [], status: 0 },
    { args: ['nonsense'], status: 2 },
  ])('lists all examples, with one line each, when asked for $args', async ({ args, status }) => {
    const child = exampleScript(...args)
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', chunk => (output += chunk))
    expect(await new Promise(resolve => child.on('close', resolve))).toBe(status)
    for (const name of exampleNames()) expect(output).toMatch(new RegExp(`^  ${name} +[A-Z].{20,}\\.$`, 'm'))
    expect(output.trim().split('\n')).toHaveLength(exampleNames().length + 1)
  })

  it('has the nine examples, and their types are right', () => {
    expect(exampleNames()).toHaveLength(9)
    const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', join(import.meta.dirname, '../../examples')])
    expect([status, stdout.toString()]).toEqual([0, ''])
  }, 60_000)
})
