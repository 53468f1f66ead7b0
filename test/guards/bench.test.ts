/** What `npm run bench` believes: that wrong bytes void a figure, and that ratios and verdicts are what they say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root } from './tree.ts'

interface FileOfBench {
  readonly kind: string
  readonly size: number
  readonly index: number
}
interface Table {
  add(caseName: string, contender: string, round: number, sample: Record<string, number>): void
  fail(caseName: string, contender: string, reason: string): void
  median(caseName: string, contender: string, column: string): number | undefined
  ratio(one: [string, string], other: [string, string], column: string): number | undefined
}
interface Target {
  readonly met: boolean | null
  readonly boldMet?: boolean | null
}

async function bench<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(root, 'bench/lib', name)).href)) as T
}

const { filePieces } = await bench<{ filePieces: (file: FileOfBench) => { bytes: Buffer; times: number }[] }>(
  'content.mjs',
)
const { checkStored } = await bench<{
  checkStored: (folder: string, before: string[], files: object, hash: boolean) => Promise<void>
}>('stored.mjs')
const { Table } = await bench<{ Table: new () => Table }>('statistics.mjs')
const { target, verdict } = await bench<{
  target: (claim: string, value: number | undefined, wanted: object) => Target
  verdict: (targets: Target[]) => string
}>('targets.mjs')

describe('the check of stored files', () => {
  const files = { kind: 'random', size: 600_000, files: 2, firstIndex: 0 }
  const contentOf = (index: number) =>
    Buffer.concat(
      filePieces({ ...files, index }).flatMap(({ bytes, times }) => Array.from({ length: times }, () => bytes)),
    )
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dropgate-bench-test-'))
    writeFileSync(join(folder, 'from-the-warm-up'), 'x')
    writeFileSync(join(folder, 'one'), contentOf(1))
    writeFileSync(join(folder, 'two'), contentOf(0))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const check = () => checkStored(folder, ['from-the-warm-up'], files, true)

  it('is content with the right files under any names', async () => {
    expect(contentOf(0)).toHaveLength(600_000)
    await check()
  })

  it('notices one changed byte', async () => {
    const bytes = contentOf(1)
    bytes[599_999] = (bytes[599_999] as number) ^ 1
    writeFileSync(join(folder, 'one'), bytes)
    await expect(check()).rejects.toThrow('wrong bytes')
  })

  it('notices the same file twice, a missing one, a short one', async () => {
    writeFileSync(join(folder, 'one'), contentOf(0))
    await expect(check()).rejects.toThrow('wrong bytes')
    writeFileSync(join(folder, 'one'), contentOf(1).subarray(1))
    await expect(check()).rejects.toThrow('stored 599999 bytes of 600000')
    rmSync(join(folder, 'one'))
    await expect(check()).rejects.toThrow('stored 1 files of 2')
  })
})

describe('the figures', () => {
  it('compare within a round, and have none for a row that failed', () => {
    const table = new Table()
    for (const [round, speed] of [1, 10, 4].entries()) {
      table.add('disk', 'ours', round, { rate: 2 * speed })
      table.add('disk', 'theirs', round, { rate: speed })
    }
    expect(table.median('disk', 'ours', 'rate')).toBe(8)
    expect(table.ratio(['disk', 'ours'], ['disk', 'theirs'], 'rate')).toBe(2)
    table.fail('disk', 'theirs', 'stored wrong bytes')
    expect(table.median('disk', 'theirs', 'rate')).toBeUndefined()
    expect(table.ratio(['disk', 'ours'], ['disk', 'theirs'], 'rate')).toBeUndefined()
  })

  it('meet a target, miss it, or were not measured', () => {
    const met = target('fast', 2, { least: 1.9, bold: 2.2 })
    expect(met).toMatchObject({ met: true, boldMet: false })
    const missed = target('lean', 11, { most: 10 })
    expect(missed.met).toBe(false)
    const unknown = target('unknown', undefined, { least: 1 })
    expect([[met], [met, missed], [met, unknown], [unknown, missed]].map(verdict)).toEqual([
      'met',
      'missed',
      'not measured',
      'missed',
    ])
  })

  it('need one of the claims that stand for each other, and all others', () => {
    const either = (value: number | undefined) => target('fast here or there', value, { least: 2, either: 'place' })
    const met = target('lean', 9, { most: 10 })
    expect(
      [
        [either(1), either(3)],
        [either(1), either(1)],
        [either(1), either(undefined)],
      ].map(verdict),
    ).toEqual(['met', 'missed', 'not measured'])
    expect(verdict([either(3), target('lean', 11, { most: 10 })])).toBe('missed')
    expect(verdict([met, either(3), either(1)])).toBe('met')
  })
})
