/** fsync, its exceptions, and how waiters share one. */
import type { FileHandle } from 'node:fs/promises'
import { unless } from './errors.ts'

/**
 * fsync of a folder. Windows cannot do it and journals its metadata; some network and FUSE file systems answer EINVAL
 * or ENOTSUP, which means "not applicable", not "failed" (PostgreSQL's `fsync_fname` judges the same way).
 */
export async function syncFolderHandle(handle: FileHandle): Promise<void> {
  if (process.platform === 'win32') return
  await handle.sync().catch(unless('EINVAL', 'ENOTSUP', 'EOPNOTSUPP'))
}

/**
 * Group commit: makes a function whose callers share runs. A caller is served by a run that *starts after* its call,
 * so what it did before is covered; all who call while one run is under way share the next.
 *
 * @example const syncFolder = shared(() => handle.sync())
 */
export function shared(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running.then(() => {
      const started = run()
      running = started.catch(() => {})
      next = undefined
      return started
    })
    return next
  }
}
