import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const load = { size: 100_000, connections: 16, keep: true }
const durable = ['dropgate-node+fsync', 'dropgate-express+fsync']
const bounds = ['raw-pipe', 'raw-pipe+fsync', 'raw-batch', 'raw-batch+fsync']

export default {
  letter: 'i',
  title: 'Durable files of 100 KB, one request each, 16 in flight',
  columns: ['files', 'median', 'p99', 'cpuPer1000', 'memory'],
  rows({ quick }) {
    const all = quick
      ? ['dropgate-node+fsync', 'dropgate-node', 'raw-pipe', 'raw-pipe+fsync']
      : [...durable, 'dropgate-node', 'multer', ...bounds]
    return all.map(contender => ({
      case: '',
      contender,
      measure: tools => measureUpload(tools, contender, { ...load, requests: 1000 }),
    }))
  },
  targets(table) {
    const disk = table.median('', 'raw-pipe', 'files')
    // A disk or a machine that stores fewer than 2,000 without fsync is asked for half of what it does.
    const least = disk === undefined ? 1000 : Math.min(1000, disk / 2)
    return durable.map(contender =>
      target(`${contender}, files a second`, table.median('', contender, 'files'), { least, unit: '' }),
    )
  },
}
