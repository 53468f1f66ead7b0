/** No row of the table is forgotten: a test for each row that concerns what exists. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const between = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const required = [...between(1, 21), ...between(24, 29), 33, 34, ...between(37, 47), 49, ...between(51, 56)]

test('every required row has a test, and none is skipped', async () => {
  const files = (await readdir(import.meta.dirname)).filter(name => name.endsWith('-rows.test.ts'))
  const sources = await Promise.all(files.map(name => readFile(new URL(name, import.meta.url), 'utf8')))
  const rows = sources.flatMap(source => [...source.matchAll(/^ +row: (\d+),$/gm)].map(([, number]) => Number(number)))
  expect(required.filter(row => !rows.includes(row))).toEqual([])
  // Each file declares the rows it holds, and vitest runs all of them.
  expect(sources.filter(source => !/^threatRows\(rows\)$/m.test(source))).toEqual([])
  expect(sources.filter(source => /\.(?:skip|only|todo)\b/.test(source))).toEqual([])
})
