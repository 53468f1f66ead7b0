/** Starts the server of the command line. */
import { access, constants } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { diskStorage } from '../disk.ts'
import {
  type DropgateOptions,
  dropgate,
  formatSize,
  OptionError,
  type Storage,
  settingsFromEnv,
  type UploadEvent,
  type Uploads,
} from '../index.ts'
import { prepareServer } from '../node.ts'
import { createAccess } from './access.ts'
import { CommandLineError, type Settings } from './args.ts'
import { type News, newsLine, printable } from './news.ts'
import { createRoutes } from './routes.ts'

/** Flags by the engine's names of what they set. */
const flags: Readonly<Record<string, string>> = {
  'policy.accept': '--accept',
  'policy.maxFileSize': '--max-file-size',
  'policy.maxFiles': '--max-files',
  'dropArea.parallelUploads': '--parallel',
  naming: '--naming',
}

/**
 * Makes the directory ready and listens. `announce()` says so in one line; it is apart, so that signals can be caught
 * before anybody knows that there is a server.
 *
 * @param print takes one line of news
 * @throws CommandLineError when the user can mend it
 */
export async function serve(
  settings: Settings,
  print: (line: string) => void,
): Promise<{ server: Server; uploads: Uploads; announce: () => void }> {
  const tell = (news: News) => {
    const line = newsLine(news, settings.log, formatSize)
    if (line !== undefined) print(line)
  }
  const storage = diskStorage(settings.directory)
  const uploads = createUploads(settings, storage, tell)
  await prepareDirectory(uploads, settings.directory)
  const routes = createRoutes({
    uploads,
    storage,
    access: createAccess(settings.token),
    localOnly: !settings.exposed && !settings.open && settings.token === undefined,
    onRefused: ({ code, message }) => tell({ event: 'refused', code, message }),
  })
  const server = prepareServer(createServer(routes))
  const url = urlOf(settings.host, await listen(server, settings))
  return { server, uploads, announce: () => tell({ event: 'listening', url, directory: settings.directory }) }
}

function createUploads(settings: Settings, storage: Storage, tell: (news: News) => void): Uploads {
  const { accept, maxFileSize, maxFiles, multiple, parallel, naming } = settings
  const env = orCommandLineError(() => settingsFromEnv(process.env))
  const options: DropgateOptions = {
    ...env,
    storage,
    naming,
    policy: {
      maxFileSize: Number.POSITIVE_INFINITY,
      ...env.policy,
      ...(maxFileSize !== undefined && { maxFileSize }),
      ...(accept && { accept }),
      ...(maxFiles !== undefined && { maxFiles }),
    },
    dropArea: {
      ...env.dropArea,
      ...(multiple && { uploadMultiple: true }),
      ...(parallel !== undefined && { parallelUploads: parallel }),
    },
    log: line => console.error(`dropgate: ${printable(line)}`),
    onEvent: event => {
      const news = newsOf(event)
      if (news) tell(news)
    },
  }
  return orCommandLineError(() => dropgate(options))
}

/** What people want to read of what the engine tells. */
function newsOf(event: UploadEvent): News | undefined {
  if (event.kind === 'sweep') return { event: 'swept', removed: event.removed, time: event.time }
  if (event.kind === 'upload-finish') {
    const { kind: _, name, bytes, ...facts } = event
    return { event: 'kept', name, size: bytes, ...facts }
  }
  // A client that asks after an upload which is not there has been refused no file.
  if (event.kind !== 'upload-reject' || event.code === 'not-found' || event.code === 'upload-gone') return undefined
  const { kind: _, ...facts } = event
  return { event: 'refused', ...facts }
}

/** What is wrong with an option is the user's to mend, be it a flag or a variable. */
function orCommandLineError<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    const name = error.option.replace(/\[\d+\]$/, '')
    const flag = flags[name]
    throw new CommandLineError(flag ? error.message.replace(error.option, flag) : error.message)
  }
}

async function prepareDirectory(uploads: Uploads, directory: string): Promise<void> {
  try {
    await uploads.prepare()
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new CommandLineError(`The directory ${printable(directory)} cannot be written${reason(error)}.`)
  }
}

async function listen(server: Server, { host, port }: Settings): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw new CommandLineError(listenProblem(error, host, port))
  }
  return (server.address() as AddressInfo).port
}

function listenProblem(error: unknown, host: string, port: number): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use; choose another with --port, or 0 for any free one.`
    case 'EACCES':
      return `Port ${port} of ${host} needs rights that this user does not have; choose one from 1024 on with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `This machine has no address ${host}; choose another with --host.`
    default:
      return `Cannot listen on ${host}, port ${port} (${codeOf(error) ?? String(error)}).`
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'it, or a folder above it, is a file',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'it leads in a circle',
}

function reason(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = codeOf(cause)
    if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return `: ${reasons[code] ?? code}`
  }
  return ''
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`
}
