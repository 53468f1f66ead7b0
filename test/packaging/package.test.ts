/** What somebody gets who installs the package. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile, doors, makeProject, manifest, pack, root, run, specifier, temporaryFolder, userNode } from './pack.ts'

const strict = {
  target: 'ES2023',
  module: 'NodeNext',
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
}
const folders: string[] = []
let tarball = ''

function project(files: Record<string, string>, types: string[] = []): string {
  const folder = makeProject(tarball, files, types)
  folders.push(folder)
  return folder
}

beforeAll(() => {
  const folder = temporaryFolder()
  folders.push(folder)
  tarball = pack(folder)
}, 120_000)
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('the doors', () => {
  it('are the files of src, one for each key of exports', () => {
    const files = readdirSync(join(root, 'src')).filter(name => name.endsWith('.ts'))
    expect(files.sort()).toEqual(doors.map(door => `${door}.ts`).sort())
  })

  it('each lead to their own built file and types', () => {
    for (const door of doors) {
      expect(manifest.exports[door === 'index' ? '.' : `./${door}`]).toEqual({
        types: `./dist/${door}.d.ts`,
        default: `./dist/${door}.js`,
      })
    }
  })

  it('bring no other package along', () => expect(manifest.dependencies ?? {}).toEqual({}))
})

describe('the tarball', () => {
  it('holds what is needed and no more', () => {
    const { output } = run(root, 'tar', '-tzf', tarball)
    const files = output.trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/package.json', 'package/LICENSE', 'package/README.md']))
    expect(
      files.filter(file => !/^package\/(dist\/|(package\.json|LICENSE|README\.md|CHANGELOG\.md)$)/.test(file)),
    ).toEqual([])
    expect(files.filter(file => /tsbuildinfo|\.map$|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([])
  })

  it('has nothing for publint to complain of', async () => {
    const bytes = readFileSync(tarball)
    const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
    expect(messages.map(message => formatMessage(message, pkg))).toEqual([])
  })

  it('has types that are right for every door (are-the-types-wrong)', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    const { status, output } = run(
      root,
      process.execPath,
      attw,
      tarball,
      '--profile',
      'esm-only',
      '--no-definitely-typed',
      '--format',
      'table',
      '--no-color',
    )
    for (const door of doors) expect(output).toContain(`"${specifier(door)}"`)
    // 1 for any problem that the profile does not ignore.
    expect(status, output).toBe(0)
  })
})

describe('an empty TypeScript project', () => {
  const serverDoors = doors.filter(door => door !== 'client')

  it('compiles every door but the client without the DOM', () => {
    const imports = serverDoors.map((door, index) => `import * as door${index} from '${specifier(door)}'`)
    const folder = project(
      {
        'tsconfig.json': JSON.stringify({ compilerOptions: { ...strict, lib: ['ES2023'], types: ['node'] } }),
        'doors.ts': `${imports.join('\n')}\nexport const doors = [${imports.map((_, index) => `door${index}`).join(', ')}]\n`,
        'app.ts': `
import { createServer } from 'node:http'
import { dropgate, UploadError, type Uploads } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { nodeUploads, prepareServer } from 'dropgate/node'

const uploads: Uploads = dropgate({
  storage: diskStorage('./uploads'),
  policy: { accept: ['image/*', '.pdf'], maxFileSize: '50 MiB', maxFiles: 30 },
  validate: file => {
    if (file.extension !== '.png') throw new UploadError('type-not-allowed', 'PNG only!')
  },
})
prepareServer(createServer(nodeUploads(uploads))).listen(0)
`,
      },
      ['node'],
    )
    expect(compile(folder)).toBe('')
  }, 120_000)

  it('compiles the client with the DOM and without types of Node', () => {
    const folder = project({
      'tsconfig.json': JSON.stringify({
        compilerOptions: { ...strict, lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: [] },
      }),
      'client.ts': "import * as client from 'dropgate/client'\nexport default client\n",
    })
    expect(compile(folder)).toBe('')
  }, 120_000)

  it('is told when it uses a door wrongly: the types are really read', () => {
    const folder = project(
      {
        'tsconfig.json': JSON.stringify({ compilerOptions: { ...strict, lib: ['ES2023'], types: ['node'] } }),
        'wrong.ts': "import { dropgate } from 'dropgate'\nexport const uploads = dropgate({ storage: 5 })\n",
      },
      ['node'],
    )
    expect(compile(folder)).toMatch(/^wrong\.ts\(2,\d+\): error TS2322/)
  }, 120_000)
})

describe('the installed package', () => {
  it("serves an upload on the user's own Node", () => {
    const folder = project({
      'run.mjs': `
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { nodeUploads, prepareServer } from 'dropgate/node'

const uploads = dropgate({ storage: diskStorage('./kept') })
const server = prepareServer(createServer(nodeUploads(uploads)))
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const url = 'http://127.0.0.1:' + server.address().port
const bytes = randomBytes(1_000_003)
const form = new FormData()
form.append('file', new Blob([bytes]), 'random.bin')
const answer = await fetch(url + '/uploads', { method: 'POST', body: form })
const { files } = await answer.json()
const page = await uploads.page({ method: 'GET', url: '/', headers: { get: () => null }, body: null })
const links = [...page.dropArea().matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1])
const assets = await Promise.all(links.map(async link => (await fetch(url + link)).status))
const same = readFileSync('kept/' + files[0].name).equals(bytes)
console.log(JSON.stringify({ status: answer.status, name: files[0].name, same, assets }))
server.closeAllConnections()
server.close()
`,
    })
    const { output, status } = run(folder, userNode, 'run.mjs')
    expect(status, output).toBe(0)
    expect(JSON.parse(output)).toEqual({ status: 201, name: 'random.bin', same: true, assets: [200, 200] })
  }, 120_000)

  it('can be imported through every door', () => {
    const folder = project({})
    // The client's door needs a page only when it is used, not when it is loaded.
    const script = doors.map(door => `await import('${specifier(door)}')`).join('\n')
    expect(run(folder, userNode, '--input-type=module', '-e', script)).toEqual({ status: 0, output: '' })
  }, 120_000)

  it('brings the command', () => {
    const folder = project({})
    const command = join(folder, 'node_modules/.bin/dropgate')
    expect(existsSync(command)).toBe(true)
    expect(run(folder, command, '--version')).toEqual({ status: 0, output: `${manifest.version}\n` })
  }, 120_000)
})
