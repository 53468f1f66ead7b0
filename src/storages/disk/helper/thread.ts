/** What the helper thread runs: one job after another, forever. The process ends it. */
import { workerData } from 'node:worker_threads'
import { inlineCalls, unlinkNow } from '../inline.ts'
import { type Job, JobKind, JobQueue } from './queue.ts'

function perform({ kind, mode, from, to, bytes }: Job): string {
  if (kind === JobKind.write) return inlineCalls.writeWhole(from, mode, [bytes])
  if (kind === JobKind.link || kind === JobKind.move) inlineCalls.link(from, to)
  if (kind === JobKind.unlink) inlineCalls.unlink(from)
  if (kind === JobKind.move) unlinkNow(inlineCalls, from)
  return ''
}

const queue = new JobQueue(workerData as SharedArrayBuffer)
for (;;) queue.doNext(perform)
