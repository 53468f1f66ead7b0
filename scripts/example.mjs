/** `npm run example -- NAME`: sets up, then runs one of the examples; without a name it lists them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { watchAncestors } from './ancestors.mjs'
import { runServer } from './run-server.mjs'
import { root, setUp, toolNode } from './setup.mjs'

const folder = join(root, 'examples')
const names = readdirSync(folder)
  .filter(name => existsSync(server(name)))
  .sort()
const [name] = process.argv.slice(2).filter(word => word !== '--help')

if (!names.includes(name)) {
  if (name !== undefined) console.error(`There is no example ${JSON.stringify(name)}.`)
  const width = Math.max(...names.map(each => each.length))
  console.log(['npm run example -- NAME, with NAME one of:', ...names.map(each => line(each, width))].join('\n'))
  process.exit(name === undefined ? 0 : 2)
}

const ancestors = watchAncestors()
try {
  await setUp({ checkTypes: false })
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
// Examples are TypeScript, which the devDependency runs as it is.
runServer(toolNode(), [server(name)], ancestors)

function server(example) {
  return join(folder, example, 'server.ts')
}

/** The name and the comment at the top of an example. */
function line(example, width) {
  const [, summary = ''] = /^\/\*\* (.*) \*\/$/m.exec(readFileSync(server(example), 'utf8')) ?? []
  return `  ${example.padEnd(width)}  ${summary}`
}
