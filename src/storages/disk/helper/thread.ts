/** What the helper thread runs: one job after another, forever. The process ends it. */
import { workerData } from 'node:worker_threads'
import { inlineCalls } from '../inline.ts'
import { type Job, JobKind, JobQueue } from './queue.ts'

const { link, unlink, writeWhole } = inlineCalls

function perform({ kind, mode, from, to, bytes }: Job): string {
  if (kind === JobKind.write) return writeWhole(from, mode, [bytes])
  if (kind === JobKind.link || kind === JobKind.move) link(from, to)
  if (kind === JobKind.unlink || kind === JobKind.move) unlink(from)
  return ''
}

const queue = new JobQueue(workerData as SharedArrayBuffer)
for (;;) queue.doNext(perform)
