/** Every block of code that a user may copy compiles against the package as it is published. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Block, blocksOf, pages, root, writeModules } from './blocks.ts'

const checked = ['ts', 'js']

/** What a page may take for granted in its fragments; blocks that declare a name themselves hide the one here. */
const surroundings = `
declare global {
  const app: import('express').Express
  const uploads: import('dropgate').Uploads
  const storage: import('dropgate').Storage
  const secret: string
  const UploadError: typeof import('dropgate').UploadError
  const receiveFiles: typeof import('dropgate/express').receiveFiles
  const prepareServer: typeof import('dropgate/node').prepareServer
  const request: Request
  const makeHarness: Parameters<typeof import('dropgate/testing').testStorage>[0]
}
export {}
`

/** What a script in the browser finds; listeners are as loose as JavaScript is. */
const browserSurroundings = `
import type { DropAreaFunctions } from 'dropgate/client'
declare global {
  const dropgate: { configure(id: string, functions: Loose): void; start(root?: ParentNode): void }
}
type Loose = Omit<DropAreaFunctions, 'on'> & { on?: Readonly<Record<string, (...args: any[]) => void>> }
`

/** Compiles blocks; returns what the compiler says, by page and line of the page. */
function compile(name: string, blocks: readonly Block[], inBrowser = false): string[] {
  const paths = writeModules(name, blocks)
  const folder = dirname(paths[0] ?? join(root, '.cache', name, 'none'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'surroundings.d.ts'), inBrowser ? browserSurroundings : surroundings)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configOf(inBrowser)))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: folder,
  })
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const index = paths.findIndex(path => line.startsWith(path.slice(folder.length + 1)))
      const block = blocks[index]
      const at = /^[^(]*\((\d+),\d+\)(.*)$/.exec(line)
      return block && at ? `${block.page}:${block.line + Number(at[1]) - 1}${at[2]}` : line
    })
}

/** Code for the browser is resolved as bundlers do. */
function configOf(inBrowser: boolean) {
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      ...(inBrowser ? { module: 'ESNext', moduleResolution: 'Bundler' } : {}),
      composite: false,
      declaration: false,
      noEmit: true,
      allowJs: true,
      checkJs: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      rewriteRelativeImportExtensions: false,
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: inBrowser ? [] : ['node'],
      skipLibCheck: true,
    },
    include: ['*'],
  }
}

describe('the code in README.md and docs', () => {
  const blocks = pages().flatMap(blocksOf)

  it('is found', () => {
    expect(blocks.filter(({ language }) => checked.includes(language)).length).toBeGreaterThan(20)
    expect(blocks.filter(({ language }) => ['typescript', 'javascript', 'mjs', 'tsx'].includes(language))).toEqual([])
  })

  it.each([
    { language: 'ts', place: 'on the server' },
    { language: 'js', place: 'in the browser' },
  ])(
    'compiles $place',
    ({ language }) => {
      const chosen = blocks.filter(block => block.language === language)
      expect(compile(`docs-types-${language}`, chosen, language === 'js')).toEqual([])
    },
    60_000,
  )

  it('would not compile with a name that is not there, or an option that is none', () => {
    const wrong = (code: string): Block => ({ page: 'wrong.md', line: 10, language: 'ts', code })
    expect(
      compile('docs-wrong', [
        wrong("import { dropGate } from 'dropgate'\nimport { memoryStorage } from 'dropgate/memory'\n"),
        { ...wrong("import { dropgate } from 'dropgate'\ndropgate({ storage, maxFileSize: 1 })\n"), line: 20 },
      ]),
    ).toEqual([
      expect.stringMatching(/^wrong\.md:10: error TS2724: .*dropGate/),
      expect.stringMatching(/^wrong\.md:21: error TS2353: .*maxFileSize/),
    ])
  }, 60_000)
})
