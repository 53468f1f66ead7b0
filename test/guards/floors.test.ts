/** The guard of the floors is itself guarded: each rule must refuse the import it is there for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTree, removeTree, runScript } from './tree.ts'

/** The smallest house in which every file is reachable and nothing is forbidden. */
const house: Record<string, string> = {
  'src/index.ts': "export { create } from './server/create.ts'\n",
  'src/memory.ts': "export { memory } from './storages/memory.ts'\n",
  'src/client.ts': "export { start } from './client/start.ts'\n",
  'src/sansio/name.ts': "export const name = 'a'\n",
  'src/upload/ports.ts':
    "import { name } from '../sansio/name.ts'\nexport interface Storage { readonly name: typeof name }\n",
  'src/storages/memory.ts':
    "import type { Storage } from '../upload/ports.ts'\nexport const memory: Storage = { name: 'a' }\n",
  'src/protocols/form.ts': "export { name as form } from '../sansio/name.ts'\n",
  'src/html/page.ts': "export { name as page } from '../sansio/name.ts'\n",
  'src/server/create.ts':
    "import { form } from '../protocols/form.ts'\nimport { page } from '../html/page.ts'\nexport const create = () => form + page\n",
  'src/adapters/node-bridge.ts': "export { create as bridge } from '../server/create.ts'\n",
  'src/adapters/express.ts': "export { bridge as express } from './node-bridge.ts'\n",
  'src/express.ts': "export { express } from './adapters/express.ts'\n",
  'src/cli/main.ts':
    "import { create } from '../index.ts'\nimport { writeSync } from 'node:fs'\nwriteSync(1, create())\n",
  'src/client/start.ts': "export { name as start } from '../sansio/name.ts'\n",
  'src/testing/storage.ts': "export type { Storage } from '../upload/ports.ts'\n",
}

/** One forbidden import for each rule, in a file of its own. */
const forbidden: Record<string, [file: string, text: string]> = {
  'floor-0-sansio': ['src/sansio/bad.ts', "export { create } from '../server/create.ts'\n"],
  'floor-1-upload': ['src/upload/bad.ts', "export { memory } from '../storages/memory.ts'\n"],
  'floor-2-rooms': ['src/storages/bad.ts', "export { memory } from './memory.ts'\n"],
  'floor-2-rooms between storages and protocols': [
    'src/protocols/bad/in.ts',
    "export { memory } from '../../storages/memory.ts'\n",
  ],
  'floor-2-testing': ['src/testing/bad.ts', "export { memory } from '../storages/memory.ts'\n"],
  'floor-3-html': ['src/html/bad.ts', "export type { Storage } from '../upload/ports.ts'\n"],
  'floor-3-server': ['src/server/bad.ts', "export { memory } from '../storages/memory.ts'\n"],
  'floor-4-adapters': ['src/adapters/bad.ts', "export { express } from './express.ts'\n"],
  'doors-know-no-customer': ['src/bad.ts', "export { create } from './index.ts'\n"],
  'only-the-client-door-knows-the-client': ['src/bad-door.ts', "export { start } from './client/start.ts'\n"],
  'floor-5-cli': ['src/cli/bad.ts', "export { create } from '../server/create.ts'\n"],
  'client-apart': ['src/client/bad.ts', "export type { Storage } from '../upload/ports.ts'\n"],
  'no-node-modules-in-pure-floors': ['src/sansio/bad-node.ts', "export { readFileSync } from 'node:fs'\n"],
  'no-node-modules-in-pure-floors, floor 1': ['src/upload/bad-node.ts', "export { readFileSync } from 'node:fs'\n"],
  'no-packages': ['src/server/bad-package.ts', "export { default } from 'express'\n"],
  'only-the-types-of-express': ['src/adapters/express/types.ts', "export type { Hono } from 'hono'\n"],
  'dropzone-only-in-the-client': ['src/server/bad-dropzone.ts', "export { default } from 'dropzone'\n"],
  'no-cycles': ['src/sansio/bad-cycle-b.ts', "import type { B } from './bad-cycle.ts'\nexport type A = B | 1\n"],
  'no-orphans': ['src/upload/bad-orphan.ts', 'export const nobody = 1\n'],
  'nothing-missing': ['src/sansio/bad-missing.ts', "export { gone } from './gone.ts'\n"],
}

describe('the check of the floors', () => {
  let output = ''
  let status: number | null = 0
  const trees: string[] = []

  beforeAll(() => {
    const bad = Object.fromEntries(Object.values(forbidden))
    const cycle = {
      'src/sansio/bad-cycle.ts': "import type { A } from './bad-cycle-b.ts'\nexport type B = A | 2\n",
    }
    trees.push(makeTree({ ...house, ...bad, ...cycle }))
    ;({ status, output } = runScript('scripts/check-floors.mjs', trees[0] as string))
  })
  afterAll(() => trees.forEach(removeTree))

  it('passes a house in order', () => {
    const tree = makeTree(house)
    trees.push(tree)
    const result = runScript('scripts/check-floors.mjs', tree)
    // The file that only testing knows is nobody's orphan: it imports a port.
    expect(result.output).toContain('0 violations, 0 files not looked at')
    expect(result.status).toBe(0)
  })

  it('fails a house with forbidden imports', () => expect(status).toBe(1))

  it.each(Object.entries(forbidden))('refuses what %s is there for', (name, [file]) => {
    expect(output).toContain(`${name.split(/[ ,]/)[0]}: ${file} -> `)
  })

  it('finds nothing else to complain of than the forbidden files', () => {
    const files = output.split('\n').flatMap(line => / (src\/\S+) -> /.exec(line)?.[1] ?? [])
    expect(files.filter(file => !file.includes('/bad') && file !== 'src/adapters/express/types.ts')).toEqual([])
  })

  it('fails when it has looked at fewer modules than there are files', () => {
    const tree = makeTree({
      ...house,
      'blind.mjs': "export default { options: { exclude: { path: 'src/upload/' } } }\n",
    })
    trees.push(tree)
    const result = runScript('scripts/check-floors.mjs', tree, `${tree}/blind.mjs`)
    expect(result.output).toContain('not looked at: src/upload/ports.ts')
    expect(result.status).toBe(1)
  })

  it('fails when there is nothing to look at', () => {
    const tree = makeTree({ 'src/readme.md': '' })
    trees.push(tree)
    expect(runScript('scripts/check-floors.mjs', tree).status).toBe(1)
  })
})
