/** The package file-type as a second opinion, in a thread of its own: it walks through containers, and has hung there. */
import { Worker } from 'node:worker_threads'
import { UploadError } from '../sansio/errors.ts'
import { typesByExtension } from '../sansio/policy/types.ts'
import { agrees, sniff } from '../sansio/sniff/sniff.ts'
import type { InspectedFile, Inspector } from '../upload/types.ts'

/** Options of {@link fileType}. */
export interface FileTypeOptions {
  /** Milliseconds for one file; then its thread is ended, and the file refused. Default 4,000. */
  readonly timeLimit?: number
  /** Bytes that are looked at, from the beginning. Default 1 MiB. */
  readonly maxBytes?: number
}

/** What file-type answers. */
interface Found {
  readonly ext: string
  readonly mime: string
}

/** Runs in the thread: CommonJS, since it is given as text. */
const script = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData).then(({ fileTypeFromBuffer }) => fileTypeFromBuffer).then(find => {
  parentPort.on('message', async bytes => parentPort.postMessage({ found: await find(bytes) }))
  parentPort.postMessage('ready')
})
`

/**
 * Asks the package `file-type` (an optional peer: install it beside, version 21 for Node 20) what a file is, and refuses what
 * is something else than its extension says. It knows more kinds than the policy's own table. It runs in a thread with a
 * time limit, one file at a time in each; a thread is made for each file that is looked at.
 *
 * @returns for the option `inspectors`; refuses with `content-mismatch`, and with `check-failed` where the package is missing or
 *   takes too long
 * @example dropgate({ storage, policy: { accept: '.dwg, .stl' }, inspectors: [fileType()] })
 */
export function fileType(options: FileTypeOptions = {}): Inspector {
  return fileTypeOf(options, () => import.meta.resolve('file-type'))
}

/** {@link fileType} with another module: the seam for tests. Internal. */
export function fileTypeOf(
  { timeLimit = 4_000, maxBytes = 1024 ** 2 }: FileTypeOptions,
  module: () => string,
): Inspector {
  return {
    timeLimit: timeLimit + 1_000,
    inspect: async (file, { signal }) => {
      const bytes = await file.read(0, maxBytes)
      const stop = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)])
      const found = await ask(module(), bytes, stop)
      if (found && !isSaid(file, found) && !isFrame(file, found, bytes)) throw new UploadError('content-mismatch')
    },
  }
}

/** Whether the file's own extension or type is another word for what was found. */
function isSaid({ extension, type }: InspectedFile, { ext, mime }: Found): boolean {
  const said = [extension, ...(typesByExtension.get(extension) ?? []), ...(extension === '' ? [type] : [])]
  return (
    said.includes(`.${ext}`) ||
    said.includes(mime) ||
    (typesByExtension.get(`.${ext}`) ?? []).some(one => said.includes(one))
  )
}

/** A container that file-type cannot see to the bottom of says little; our own table knows what goes by its name. */
function isFrame({ type, extension }: InspectedFile, { ext }: Found, bytes: Uint8Array): boolean {
  return ['zip', 'cfb', 'xml', 'ogg', 'asf', 'mkv', 'mp4', 'mov'].includes(ext) && agrees(type, extension, sniff(bytes))
}

async function ask(module: string, bytes: Uint8Array, stop: AbortSignal): Promise<Found | undefined> {
  stop.throwIfAborted()
  const worker = new Worker(script, { eval: true, workerData: module, resourceLimits: { maxOldGenerationSizeMb: 128 } })
  try {
    return await new Promise<Found | undefined>((resolve, reject) => {
      stop.addEventListener('abort', () => reject(new Error('file-type took too long')), { once: true })
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('file-type ended its thread')))
      worker.on('message', (message: 'ready' | { readonly found: Found | undefined }) => {
        if (message === 'ready') worker.postMessage(bytes)
        else resolve(message.found)
      })
    })
  } finally {
    await worker.terminate()
  }
}
