/** Runs the built command line as a person would: another process, on the user's own Node. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
export const commandLine = join(root, 'dist/cli/main.js')
/** Under npm this is the Node that npm was started with, not the one that runs the tests. */
export const userNode = process.env.npm_node_execpath ?? process.execPath

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running command line. */
export interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly port: number
  readonly directory: string
  /** Lines of stdout so far, the first included. */
  readonly lines: readonly string[]
  /** Resolves when the line is there. */
  waitFor(pattern: RegExp): Promise<string>
  readonly ended: Promise<Ended>
  stderr(): string
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts `dropgate <folder> --port 0 …` and waits for its first line. */
export async function start(...args: string[]): Promise<Running> {
  const directory = join(temporaryFolder(), 'uploads')
  const child = spawn(userNode, [commandLine, directory, '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  return watch(child, directory)
}

/** Starts `npm start -- <folder> --port 0` in a process group of its own, with the environment of a user's shell. */
export async function npmStart(): Promise<Running> {
  const directory = join(temporaryFolder(), 'uploads')
  const npm = process.env.npm_execpath?.endsWith('.js') ? [userNode, process.env.npm_execpath] : ['npm']
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$|^NODE$/i.test(name)))
  env.PATH = (env.PATH ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .join(delimiter)
  const [command = 'npm', ...rest] = [...npm, 'start', '--silent', '--', directory, '--port', '0']
  const child = spawn(command, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  return watch(child, directory)
}

async function watch(child: ChildProcess, directory: string): Promise<Running> {
  let stdout = ''
  let stderr = ''
  const look = new Set<() => void>()
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
    for (const again of look) again()
  })
  child.stderr?.setEncoding('utf8').on('data', chunk => (stderr += chunk))
  const ended = new Promise<Ended>(resolve => child.on('exit', (code, signal) => resolve({ code, signal })))
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = () => stdout.split('\n').slice(0, -1)
  const waitFor = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const again = () => {
        const line = lines().find(text => pattern.test(text))
        if (line === undefined) return
        look.delete(again)
        resolve(line)
      }
      look.add(again)
      again()
      void ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern} came: ${stdout}${stderr}`)))
    })
  const first = await waitFor(/listening/)
  const url = /http:\/\/[^/]+\//.exec(first)?.[0] as string
  return {
    child,
    url,
    directory,
    port: Number(new URL(url).port),
    get lines() {
      return lines()
    },
    waitFor,
    ended,
    stderr: () => stderr,
  }
}

/** Runs the command line to its end. */
export function runToEnd(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(userNode, [commandLine, ...args], { encoding: 'utf8', timeout: 15_000 })
  return { code: status, stdout, stderr }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function sha256OfFile(file: string): string {
  return sha256(readFileSync(file))
}

/** Sends bytes on a fresh connection and returns all that comes back until the other side ends it. */
export function sendRaw(port: number, ...pieces: (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece)
    })
    socket.setEncoding('latin1').on('data', chunk => (answer += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** A multipart body with one file. */
export function multipart(boundary: string, name: string, bytes: Uint8Array): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
}
