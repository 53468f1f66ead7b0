// Builds what browsers load: dist/assets/dropgate.js, dropgate-glue.js and dropgate.css.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dropzone = dirname(dirname(createRequire(import.meta.url).resolve('dropzone')))

/**
 * @param {string} [folder] where the three files go
 * @returns {Promise<string[]>} their paths
 */
export async function buildClient(folder = join(root, 'dist/assets')) {
  await mkdir(folder, { recursive: true })
  const banner = await notice()
  const files = {
    'dropgate.js': banner + (await script('bundle.ts')),
    'dropgate-glue.js': await script('glue.ts'),
    'dropgate.css': banner + (await stylesheet()),
  }
  return Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      const path = join(folder, name)
      await writeFile(`${path}.${process.pid}`, text)
      await rename(`${path}.${process.pid}`, path) // a server that runs meanwhile never sees half a script
      return path
    }),
  )
}

/** Dropzone's licence asks to be kept with every copy. */
async function notice() {
  const { version } = JSON.parse(await readFile(join(dropzone, 'package.json'), 'utf8'))
  const licence = await readFile(join(dropzone, 'LICENSE'), 'utf8')
  return `/*!\nIncludes Dropzone ${version}.\n\n${licence.replaceAll('*/', '* /').trim()}\n*/\n`
}

/** @param {string} entry */
async function script(entry) {
  const result = await build({
    entryPoints: [join(root, 'src/client', entry)],
    bundle: true,
    format: 'iife',
    minify: true,
    target: ['es2021'],
    charset: 'ascii', // right under any charset the page may have
    legalComments: 'inline',
    write: false,
    logLevel: 'warning',
  })
  return result.outputFiles[0].text
}

async function stylesheet() {
  const theirs = await readFile(join(dropzone, 'dist/dropzone.css'), 'utf8')
  const ours = await readFile(join(root, 'src/client/dropgate.css'), 'utf8')
  const { code } = await transform(`${theirs.replace(/\/\*# sourceMappingURL=.*?\*\//, '')}\n${ours}`, {
    loader: 'css',
    minify: true,
    charset: 'ascii',
  })
  return code
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildClient()
