/** The built command line in a process of its own, to be killed, starved and watched. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const withoutFsync = fileURLToPath(new URL('../support/server.mjs', import.meta.url))
/** Under npm the Node that npm was started with. */
const userNode = process.env.npm_node_execpath ?? process.execPath

/** Whether the long form was asked for: `npm run faults`. */
export const isLong = process.env.DROPGATE_FAULTS === 'long'

/** Says a figure of the long form; the short one is quiet. */
export function tell(line: string): void {
  if (isLong) console.log(line)
}

/** Whether this machine has a program. */
export function has(program: string, ...args: string[]): boolean {
  return spawnSync(program, args.length > 0 ? args : ['-V'], { stdio: 'ignore' }).error === undefined
}

/** A running server. */
export interface Command {
  readonly port: number
  readonly pid: number
  /** All it said on stderr so far. */
  readonly complaints: () => string
  /** Sends a signal and waits until it is gone. @returns exit code, or null and the signal */
  end(signal: NodeJS.Signals): Promise<readonly [number | null, NodeJS.Signals | null]>
}

/** How it is started. */
export interface CommandOptions {
  /** A program that runs it, with its arguments, e.g. strace. It must leave the process id to the server. */
  readonly under?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** No fsync, where a test shows that it can fail. */
  readonly fast?: boolean
}

/** Starts `dropgate <folder>` on a free port; it is gone at the end of the test. */
export async function startCommand(
  folder: string,
  { under = [], env = {}, fast }: CommandOptions = {},
): Promise<Command> {
  const args = fast ? [withoutFsync, 'node', folder, '--fast'] : [program, folder, '--port', '0', '--json']
  const [command, ...rest] = [...under, userNode, ...args]
  const child = spawn(command as string, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let complaints = ''
  child.stderr.on('data', chunk => (complaints += chunk))
  child.stdin.on('error', () => {})
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exit
  }
  onTestFinished(() => void child.kill('SIGKILL'))
  const port = await announcedPort(child, () => complaints)
  return { port, pid: child.pid as number, complaints: () => complaints, end }
}

function announcedPort(child: ChildProcess, complaints: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', chunk => {
      said += chunk
      const port = /^(?:\{"event":"listening","url":"http:\/\/127\.0\.0\.1:)?(\d+)[/\n]/.exec(said)?.[1]
      if (port) resolve(Number(port))
    })
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`The server ended with ${code}: ${said}${complaints()}`)))
  })
}
