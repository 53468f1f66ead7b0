/** What tests ask of a helper. */
import { ThreadHelper, type Written } from '../../../../../src/storages/disk/helper/helper.ts'
import { worthAThread } from './tools.ts'
import { threads } from './watch.ts'

/** A thread that lives and does nothing, so that what is asked of it stays undone for as long as a test needs. */
export async function stuck(): Promise<ThreadHelper> {
  threads.program = 'data:text/javascript,Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
  const helper = new ThreadHelper()
  for (let asked = 0; asked < worthAThread; asked++) helper.unlink('/no/such/file')
  await new Promise(resolve => threads.made[0]?.once('online', resolve))
  return helper
}

/** How many of these calls are taken before the first one is not. */
export function taken(call: () => Promise<unknown> | undefined, most = 100): number {
  let count = 0
  while (count < most && call()) count++
  return count
}

export const few = Uint8Array.of(1, 2, 3)

/** What becomes of a write. */
export function write(
  helper: ThreadHelper,
  path: string,
  ...spans: readonly Uint8Array[]
): Promise<Written> | undefined {
  const total = spans.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return helper.write(path, 0o600, spans, total)
}
