/** Starts an example as a user's shell would: a process of its own, told by the environment where to save. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../browser/e2e-server.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** A running example. */
export interface Example {
  readonly url: string
  /** Where it says it saves. */
  readonly folder: string
  /** What it printed. */
  output(): string
}

/** The folders that hold an example. */
export function exampleNames(): string[] {
  const entries = readdirSync(join(root, 'examples'), { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
}

/** Starts an example on a port of its own, and ends it with the test. */
export function startExample(name: string, env: Readonly<Record<string, string>> = {}): Promise<Example> {
  // Vitest runs on the devDependency Node, which runs TypeScript as it is.
  return startServer(name, [process.execPath, join(root, 'examples', name, 'server.ts')], env)
}

/** The same through npm's script, with all its set-up. */
export function startByScript(name: string): Promise<Example> {
  return startServer(name, [process.execPath, join(root, 'scripts/example.mjs'), name])
}

/** The process of `scripts/example.mjs` with these words. */
export function exampleScript(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'scripts/example.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function startServer(
  name: string,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Example> {
  const folder = join(temporaryFolder(), 'incoming')
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PORT: '0', UPLOAD_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const add = (chunk: string) => {
      output += chunk
      const line = new RegExp(`^Example ${name} is listening on (http://127\\.0\\.0\\.1:\\d+/) and saves to (.+)$`, 'm')
      const [, listening, said] = line.exec(output) ?? []
      if (listening && said === folder) resolve(listening)
    }
    child.stdout?.setEncoding('utf8').on('data', add)
    child.stderr?.setEncoding('utf8').on('data', add)
    void ended.then(() => reject(new Error(`The example ended before it listened: ${output}`)))
  })
  return { url, folder, output: () => output }
}
