/**
 * Loaded into a server before its program: counts the bytes that collections of young objects left among the old ones,
 * from `SIGUSR2` on, and writes them to the file `PROMOTED` when the process ends.
 */
import { writeFileSync } from 'node:fs'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics } from 'node:v8'

const oldBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_used_size

let last = oldBytes()
let promoted = 0
let collections = 0

new PerformanceObserver(list => {
  const now = oldBytes()
  const young = list.getEntries().every(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MINOR)
  if (young) {
    promoted += Math.max(0, now - last)
    collections += list.getEntries().length
  }
  last = now
}).observe({ entryTypes: ['gc'] })

process.on('SIGUSR2', () => {
  promoted = collections = 0
})
process.on('exit', () => writeFileSync(process.env.PROMOTED, JSON.stringify({ promoted, collections })))
