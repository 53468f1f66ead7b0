/** The command line's arguments: text in, settings out. Pure. */
import { parseArgs } from 'node:util'
import { closest } from './closest.ts'

/** How news is printed. */
export type LogForm = 'json' | 'pretty' | 'silent'

/** What the server is to do. Limits that are not set are missing. */
export interface Settings {
  /** As it was typed. */
  readonly directory: string
  readonly port: number
  readonly host: string
  readonly accept?: readonly string[]
  /** A size as text, or bytes. */
  readonly maxFileSize?: number | string
  readonly maxFiles?: number
  readonly multiple: boolean
  readonly parallel?: number
  readonly naming: 'original' | 'random'
  readonly token?: string
  readonly log: LogForm
  /** Whether people beyond this machine can reach the server. */
  readonly exposed: boolean
  /** Whether `--open` was given. */
  readonly open: boolean
}

/** What is to be done. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly settings: Settings }

/** Something the user can mend; the sentence goes to stderr and the exit code is 2. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError'
}

const options = {
  accept: { type: 'string', multiple: true },
  'max-file-size': { type: 'string' },
  'max-files': { type: 'string' },
  multiple: { type: 'boolean' },
  parallel: { type: 'string' },
  naming: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  token: { type: 'string' },
  open: { type: 'boolean' },
  json: { type: 'boolean' },
  log: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/**
 * Reads the arguments.
 *
 * @param args without the program's name
 * @throws CommandLineError with one sentence that names the flag
 * @example parseCommand(['photos', '--port', '0'])
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, directories } = split(args)
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [directory = './uploads', second] = directories
  if (second !== undefined) fail(`Only one directory can be given, but there are two: ${directory} and ${second}.`)
  if (directory === '') fail('The name of the directory is empty.')
  const host = parseHost(values.host ?? '127.0.0.1')
  const exposed = !isLoopback(host)
  const { token, open = false } = values
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    fail('--token must be letters, digits and signs of ASCII, without blanks.')
  }
  if (exposed && token === undefined && !open) {
    fail(
      `Everybody who reaches ${host} could upload and download; add --token TEXT to ask for a token, or --open if that is wanted.`,
    )
  }
  return {
    kind: 'serve',
    settings: {
      directory,
      host,
      exposed,
      open,
      port: values.port === undefined ? 8080 : wholeNumber('port', values.port, 0, 65_535),
      multiple: values.multiple ?? false,
      log: parseLog(values.log, values.json ?? false),
      naming: parseNaming(values.naming ?? 'original'),
      ...(values.accept && { accept: parseAccept(values.accept) }),
      ...(values['max-file-size'] !== undefined && { maxFileSize: parseSizeText(values['max-file-size']) }),
      ...(values['max-files'] !== undefined && {
        maxFiles: wholeNumber('max-files', values['max-files'], 1, 1_000_000),
      }),
      ...(values.parallel !== undefined && { parallel: wholeNumber('parallel', values.parallel, 1, 100) }),
      ...(token !== undefined && { token }),
    },
  }
}

function split(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { values, directories: positionals }
  } catch (error) {
    return fail(explain(error as Error & { code?: string }, args))
  }
}

/** Node's sentences are long and speak of its own interface; these name the flag and what to do. */
function explain(error: Error & { code?: string }, args: readonly string[]): string {
  const flag = /'(-[^' =]*)/.exec(error.message)?.[1] ?? args.find(arg => arg.startsWith('-')) ?? ''
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const known = closest(flag.replace(/^-+/, ''), Object.keys(options))
    return `Unknown option ${flag}${known ? `; did you mean --${known}?` : '; see --help.'}`
  }
  const name = flag.replace(/^-+/, '')
  const takesValue = Object.hasOwn(options, name) && options[name as keyof typeof options].type === 'string'
  return takesValue ? `--${name} needs a value, e.g. --${name}=…; see --help.` : `${flag} takes no value.`
}

function fail(sentence: string): never {
  throw new CommandLineError(sentence)
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  return fail(`--${flag} is ${JSON.stringify(text)}; it must be a whole number from ${min} to ${max}.`)
}

function parseNaming(text: string): 'original' | 'random' {
  if (text === 'original' || text === 'random') return text
  return fail(`--naming is ${JSON.stringify(text)}; it must be original or random.`)
}

/** `--json` is the short form of `--log json`. */
function parseLog(text: string | undefined, json: boolean): LogForm {
  if (text === undefined) return json ? 'json' : 'pretty'
  if (text !== 'json' && text !== 'pretty' && text !== 'silent') {
    return fail(`--log is ${JSON.stringify(text)}; it must be json, pretty or silent.`)
  }
  return json && text !== 'json' ? fail(`--json and --log ${text} contradict each other; give one of them.`) : text
}

function parseAccept(lists: readonly string[]): readonly string[] {
  const types = lists
    .flatMap(list => list.split(','))
    .map(type => type.trim())
    .filter(type => type !== '')
  return types.length > 0 ? types : fail('--accept is empty; name types or extensions, e.g. --accept image/*,.pdf.')
}

/** Digits alone are bytes; whether they make sense is the policy's business. */
function parseSizeText(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function parseHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  if (/^[A-Za-z0-9.:_%-]+$/.test(host)) return host
  return fail(`--host is ${JSON.stringify(text)}; it must be an address or a name, e.g. 127.0.0.1.`)
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|0*(:0*){6}:0*1|::ffff:127(\.\d{1,3}){3})$/i.test(host)
}
