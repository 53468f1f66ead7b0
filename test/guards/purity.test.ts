import { afterEach, describe, expect, it } from 'vitest'
import { makeTree, removeTree, runScript } from './tree.ts'

let tree = ''
afterEach(() => removeTree(tree))

function check(text: string) {
  tree = makeTree({ 'fine.ts': 'export const fine = 1\n', 'deep/file.ts': text })
  return runScript('scripts/check-purity.mjs', tree)
}

describe('the check that floor 0 is pure', () => {
  it.each([
    ['any', 'export function f(value: any) { return value }\n'],
    ['any', 'export const list = [] as readonly any[]\n'],
    ['globalThis', 'export const now = globalThis.Date.now\n'],
    ['globalThis', 'export type G = typeof globalThis\n'],
    ['// @ts-ignore', '// @ts-ignore\nexport const a: string = 1\n'],
    ['// @ts-expect-error', 'export const a = 1\n// @ts-expect-error\nexport const b: string = 1\n'],
    ['/* @ts-nocheck', '/* @ts-nocheck */\nexport const a: string = 1\n'],
  ])('refuses %s in %j', (what, text) => {
    const { status, output } = check(text)
    expect(output).toMatch(new RegExp(`deep/file.ts:\\d+: ${what.replace('*', '\\*')}`))
    expect(status).toBe(1)
  })

  it('lets comments and texts speak of them', () => {
    const { status, output } = check(
      "// any number of things, globalThis among them\nexport const text = 'any globalThis'\n",
    )
    expect(output).toContain('2 files, 0 findings')
    expect(status).toBe(0)
  })

  it('fails when it finds no files', () => {
    tree = makeTree({ 'readme.md': '' })
    expect(runScript('scripts/check-purity.mjs', tree).status).toBe(1)
  })
})
