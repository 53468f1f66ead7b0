import { ours, raw, streamingPeers } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const load = { size: 64 * 1024 * 1024, chunked: true, unit: 1024 }

export default {
  letter: 'f',
  title: 'One file of 64 MiB in one form, the body in HTTP chunks of 1 KiB',
  columns: ['rate', 'cpuPerGiB', 'memory', 'blocked'],
  ceiling: () => load,
  rows({ quick }) {
    const all = quick
      ? ['dropgate-node', 'dropgate-express', 'multer', 'raw-pipe', 'raw-batch']
      : [...ours, ...streamingPeers, ...raw]
    return all.map(contender => ({ case: '', contender, measure: tools => measureUpload(tools, contender, load) }))
  },
  targets: table =>
    ['dropgate-node', 'dropgate-express'].map(contender =>
      target(`${contender}, of raw-pipe`, table.ratio(['', contender], ['', 'raw-pipe'], 'rate'), { least: 2.5 }),
    ),
}
