/** Faults in the system calls of a running server, by strace. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Command } from './command.ts'

/** One thread does all file work, so that strace, which counts for each thread, counts all calls. */
export const oneThread = { UV_THREADPOOL_SIZE: '1' }

/** Makes the n-th such call from now on fail, or kills the server in it. @param traces a folder for what strace writes */
export async function inject(
  server: Command,
  traces: string,
  call: string,
  what: 'ENOSPC' | 'EIO' | 'KILL',
  n: number,
) {
  const trace = join(traces, `trace-${call}-${what}-${n}`)
  const rule = `inject=${call}:${what === 'KILL' ? 'signal' : 'error'}=${what}:when=${n}`
  const args = ['-f', '-p', String(server.pid), '-o', trace, '-e', `trace=${call}`, '-e', rule]
  const strace: ChildProcess = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void strace.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    strace.stderr?.on('data', chunk => {
      said += chunk
      if (/attached with|attached/.test(said)) resolve()
    })
    strace.once('exit', () => reject(new Error(`strace ended: ${said}`)))
  })
  return {
    /** Lets go of the server. @returns whether a call was made to fail */
    async end(): Promise<boolean> {
      const gone = once(strace, 'exit')
      strace.kill('SIGTERM')
      await gone
      return (await readFile(trace, 'utf8')).includes('(INJECTED)')
    },
  }
}
