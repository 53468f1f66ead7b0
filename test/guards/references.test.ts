/** TypeScript itself refuses what a floor must not know: forbidden lines in a copy of the sources do not compile. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addFiles, makeTree, removeTree, root } from './tree.ts'

/** Forbidden files with the compiler's answer. */
const forbidden: Record<string, [floor: string, text: string, code: string]> = {
  'an import of the server in floor 0': ['sansio', "export type { Uploads } from '../server/types.ts'\n", 'TS6307'],
  'node:fs in floor 0': ['sansio', "export { readFileSync } from 'node:fs'\n", 'TS2591'],
  'TextDecoder in floor 0': ['sansio', 'export const decoder = new TextDecoder()\n', 'TS2304'],
  'Buffer in floor 0': ['sansio', "export const bytes = Buffer.from('a')\n", 'TS2591'],
  'setTimeout in floor 0': ['sansio', 'export const timer = setTimeout(() => {}, 1)\n', 'TS2304'],
  'fetch in floor 0': ['sansio', "export const answer = fetch('/')\n", 'TS2304'],
  'the DOM in floor 1': ['upload', 'export const page = document.title\n', 'TS2584'],
  'a storage in floor 1': ['upload', "export * from '../storages/memory/storage.ts'\n", 'TS6307'],
}

describe('the project references', () => {
  let tree = ''
  const output: Record<string, string> = {}

  beforeAll(() => {
    tree = makeTree({})
    for (const name of ['src', 'tsconfig.base.json', 'package.json'])
      cpSync(join(root, name), join(tree, name), { recursive: true })
    for (const floor of ['sansio', 'upload']) output[`${floor} untouched`] = compile(tree, floor)
    for (const [index, [floor, text]] of Object.values(forbidden).entries())
      addFiles(tree, { [`src/${floor}/bad-${index}.ts`]: text })
    for (const floor of ['sansio', 'upload']) output[floor] = compile(tree, floor)
  }, 120_000)
  afterAll(() => removeTree(tree))

  it.each(['sansio', 'upload'])('compile the floor %s as it is', floor => {
    expect(output[`${floor} untouched`]).toBe('')
  })

  it.each(Object.entries(forbidden).map(([name, row], index) => [name, index, ...row] as const))(
    'refuse %s',
    (_name, index, floor, _text, code) => {
      expect(output[floor]).toMatch(new RegExp(`src/${floor}/bad-${index}\\.ts\\(\\d+,\\d+\\): error ${code}:`))
    },
  )
})

/** What the compiler says of one floor; its references are looked up as sources, not built. */
function compile(folder: string, floor: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-b', `src/${floor}`], { cwd: folder, encoding: 'utf8' })
  return stdout
}
