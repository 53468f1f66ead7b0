/** Doors are export lines only: what they open is made in a room. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '../../src')
const doors = readdirSync(src).filter(name => name.endsWith('.ts'))

/** What is left of a file without comments and re-exports. */
function beyondExports(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^export (?:type )?(?:\*|\{[^}]*\}) from '[^']+'$/gm, '')
    .trim()
}

test.each(doors)('%s has export lines only', name => {
  expect(beyondExports(readFileSync(join(src, name), 'utf8'))).toBe('')
})

test('the check sees a door with something in it', () => {
  expect(beyondExports("export { a } from './a.ts'\nexport function b() {}\n")).not.toBe('')
  expect(beyondExports("import { a } from './a.ts'\n")).not.toBe('')
})
