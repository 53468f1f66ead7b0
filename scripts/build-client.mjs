// Builds what browsers load: dist/assets/dropgate.js, dropgate-glue.js, dropgate-tus.js and dropgate.css.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dropzone = dirname(dirname(createRequire(import.meta.url).resolve('dropzone')))
const tus = join(root, 'node_modules/tus-js-client')

/** The client's own modern source, and the browser's own means in place of two packages. */
const alias = {
  'tus-js-client': join(tus, 'lib/browser/index.js'),
  'js-base64': join(root, 'src/client/native.ts'),
  'url-parse': join(root, 'src/client/native.ts'),
}

/**
 * Files, and nothing but files: what tus-js-client knows of streams, React Native and Cordova stays out.
 *
 * @type {import('esbuild').Plugin}
 */
const filesOnly = {
  name: 'files-only',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/file(?:Reader|Signature)\.js$/ }, ({ importer }) =>
      /tus-js-client[\\/]lib[\\/]browser[\\/]index\.js$/.test(importer)
        ? { path: join(root, 'src/client/native-reader.ts') }
        : undefined,
    )
  },
}

/**
 * @param {string} [folder] where the files go
 * @returns {Promise<string[]>} their paths
 */
export async function buildClient(folder = join(root, 'dist/assets')) {
  await mkdir(folder, { recursive: true })
  const banner = await notice('Dropzone', dropzone)
  const files = {
    'dropgate.js': banner + (await script('bundle.ts')),
    'dropgate-glue.js': await script('glue.ts'),
    'dropgate-tus.js': (await notice('tus-js-client', tus)) + (await script('tus.ts', 'esm')),
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

/**
 * Their licences ask to be kept with every copy.
 *
 * @param {string} name
 * @param {string} folder of the package
 */
async function notice(name, folder) {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const licence = await readFile(join(folder, 'LICENSE'), 'utf8')
  return `/*!\nIncludes ${name} ${version}.\n\n${licence.replaceAll('*/', '* /').trim()}\n*/\n`
}

/**
 * @param {string} entry
 * @param {'iife' | 'esm'} [format]
 */
async function script(entry, format = 'iife') {
  const result = await build({
    entryPoints: [join(root, 'src/client', entry)],
    bundle: true,
    format,
    alias,
    plugins: [filesOnly],
    minify: true,
    target: ['es2022'], // of the year of AbortSignal.timeout(), which the script needs as well
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
