import { ours } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const KiB = 1024
const large = 'one PATCH of 1 GiB'
const small = '256 PATCHes of 64 KiB'

export default {
  letter: 'g',
  title: 'tus: one PATCH of 1 GiB, and many of 64 KiB',
  columns: ['rate', 'median', 'p99', 'cpuPerGiB', 'memory'],
  rows({ quick }) {
    const size = (quick ? 256 : 1024) * KiB * KiB
    const one = { wire: 'tus', job: 'tusUpload', size }
    const many = { wire: 'tus', job: 'tusPatches', size: 256 * 64 * KiB, patchSize: 64 * KiB }
    const all = quick ? ['dropgate-node', 'tus-server', 'raw-pipe'] : [...ours, 'tus-server', 'raw-pipe', 'raw-batch']
    const speakers = quick ? ['dropgate-node', 'dropgate-node+fsync', 'tus-server'] : [...ours, 'tus-server']
    const row = (name, load) => contender => ({
      case: name,
      contender,
      measure: tools => measureUpload(tools, contender, load),
    })
    return [...all.map(row(large, one)), ...speakers.map(row(small, many))]
  },
  targets(table) {
    const speed = table.ratio([large, 'dropgate-node'], [large, 'tus-server'], 'rate')
    const [fast, durable] = ['', '+fsync'].map(flag => table.median(small, `dropgate-node${flag}`, 'median'))
    const price = fast === undefined || durable === undefined ? undefined : durable - fast
    return [
      target('1 GiB PATCH, of @tus/server', speed, { least: 2 }),
      target('64 KiB PATCH, what a durable offset adds to the median', price, { most: 1, unit: 'ms' }),
    ]
  },
}
