/** The thread that is watched: see watch.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { runRound } from './engine.ts'
import type { Target } from './target.ts'
import { Window, type WorkerOrder, type WorkerReport } from './watch.ts'

const { buffer, module, inputs, seed } = workerData as WorkerOrder
const { targets } = (await import(module)) as { targets: readonly Target[] }
const window = new Window(buffer)
const names = targets.map(({ name }) => name)
const tell = (report: WorkerReport) => parentPort?.postMessage(report)

tell({ names })
const result = runRound({
  targets,
  inputs,
  seed,
  before: one => window.write(names.indexOf(one.target), one),
  progress: done => tell({ done }),
})
tell({ result })
