/**
 * No weak spot of Flask-Dropzone and no trap of Dropzone.js is forgotten: the title of a test names each, as
 * `weak spot 4` or `traps 5 and 6`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..')
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

/** The numbers that titles give, after any of some words: "trap 7", "traps 10, 11", "traps 5 and 6". */
function numbersIn(titles: readonly string[], word: string): Set<number> {
  const named = titles.flatMap(title => [...title.matchAll(new RegExp(`\\b${word}s? (\\d+(?:(?:,| and) \\d+)*)`, 'g'))])
  return new Set(named.flatMap(([, list = '']) => [...list.matchAll(/\d+/g)].map(Number)))
}

/** What stands in quotation marks first on its line, first in a call or as a row's name; nothing that is not run. */
function titlesOf(source: string): string[] {
  const lines = source.split('\n').filter(line => !/^ *(?:\/\/|\/?\*)|\.(?:skip|todo)\(/.test(line))
  return lines.flatMap(line => /(?:^ *|\(|name: )(['"`])(.*?)\1/.exec(line)?.[2] ?? [])
}

async function allTitles(): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.test.ts'))
  const others = names.filter(name => !name.startsWith('flask-dropzone'))
  expect(others.length).toBeGreaterThan(50)
  const sources = await Promise.all(others.map(name => readFile(join(folder, name), 'utf8')))
  return sources.flatMap(titlesOf)
}

test('every weak spot and every trap has a test that names it', async () => {
  const titles = await allTitles()
  const [spots, traps] = [numbersIn(titles, 'weak spot'), numbersIn(titles, 'trap')]
  expect(upTo(12).filter(number => !spots.has(number))).toEqual([])
  expect(upTo(15).filter(number => !traps.has(number))).toEqual([])
  expect([spots.size, traps.size]).toEqual([12, 15])
})

test('titles are found as tests write them, and comments and skipped tests are not', () => {
  const source = [
    "  it('weak spot 4: %s', async () => {})",
    "  ])('traps 5 and 6: shows %s', () => {})",
    "    'weak spot 2: finds the id %j',",
    "    name: 'weak spot 11, trap 7: rows',",
    "describe.skipIf(!has.chromium)('trap 13: a page', () => {})",
    "// it('trap 1: no test', () => {})",
    "  it.skip('trap 2: no test', () => {})",
    "  it.todo('trap 3: no test')",
  ].join('\n')
  const titles = titlesOf(source)
  expect([...numbersIn(titles, 'weak spot')]).toEqual([4, 2, 11])
  expect([...numbersIn(titles, 'trap')]).toEqual([5, 6, 7, 13])
})
