/**
 * Floor 0 has no `any`, no `globalThis` and no `@ts-` comment: each would be a way round the compiler, which guards
 * everything else there. Comments may speak of them, code may not; for `@ts-` it is the other way round.
 *
 * Usage: check-purity.mjs [folder]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const folder = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../src/sansio'))

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => join(entry.parentPath ?? entry.path, entry.name))
const findings = files.flatMap(file => findingsOf(file, readFileSync(file, 'utf8')))
for (const finding of findings) console.log(finding)
console.log(`${files.length} files, ${findings.length} findings`)
process.exitCode = files.length > 0 && findings.length === 0 ? 0 : 1

function findingsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found = []
  const add = (position, what) => {
    const { line } = source.getLineAndCharacterOfPosition(position)
    found.push(`${relative(folder, file)}:${line + 1}: ${what}`)
  }
  for (const match of text.matchAll(/(?:\/\/|\/\*)\s*@ts-[\w-]+/g)) add(match.index, match[0])
  const visit = node => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) add(node.getStart(), 'any')
    if (ts.isIdentifier(node) && node.text === 'globalThis') add(node.getStart(), 'globalThis')
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
