/** File systems made for one test: needs Linux and root. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

/**
 * Mounts a file system until the end of the test. Where that is not possible the test is skipped with the reason, but
 * in continuous integration as root it fails: there it must run.
 *
 * @param args of `mount`, without the mount point
 */
export async function mounted(context: TestContext, ...args: readonly string[]): Promise<string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) context.skip('needs root on Linux, to mount')
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-mount-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  try {
    run('mount', ...args, folder)
  } catch (error) {
    if (process.env.CI) throw error
    context.skip(`mount is not allowed here: ${String(error)}`)
  }
  onTestFinished(() => run('umount', '--lazy', folder))
  return folder
}

export function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'pipe' })
}
