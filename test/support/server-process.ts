/** A server in a process of its own, and what can be seen of it from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('server.mjs', import.meta.url))

/** Which server; see server.mjs. */
export type ServerKind = 'node' | 'express' | 'hono' | 'files' | 'download'

/** How a server is started. */
export interface ServerOptions {
  /** No fsync, for tests that ask for something else. */
  readonly fast?: boolean
  /** A program that runs the server, with its arguments, e.g. strace. */
  readonly under?: readonly string[]
}

/** A running server. */
export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

/** Starts a server of the built package on `folder`; resolves when it listens. */
export async function startServer(
  kind: ServerKind,
  folder: string,
  options: ServerOptions = {},
): Promise<ServerProcess> {
  const speed = options.fast ? ['--fast'] : []
  const [command, ...args] = [...(options.under ?? []), process.execPath, program, kind, folder, ...speed]
  const child = spawn(command as string, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.stdin.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await gone
    clearTimeout(timer)
  }
  return { port: await announcedPort(child), pid: child.pid as number, stop }
}

/** A new folder of its own under the system's temporary one, and how to delete it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'dropgate-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Resident memory of a process in bytes: now, and the most since it started or since `resetPeakMemory`. Linux only. */
export function residentMemory(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const bytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

/** Begins a new peak (proc_pid_clear_refs(5), value 5). */
export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** The first line of its output is the port; everything it says on stderr belongs to the failure. */
function announcedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', chunk => (said += chunk))
    child.stdout?.once('data', chunk => resolve(Number.parseInt(String(chunk), 10)))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`The server ended with exit code ${code}: ${said}`)))
  })
}
