import { ours, peers, raw } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const load = { size: 16 * 1024, connections: 8 }

export default {
  letter: 'b',
  title: '2,000 files of 16 KiB, one request each, 8 keep-alive connections',
  columns: ['files', 'cpuPer1000', 'median', 'p99', 'memory'],
  ceiling: () => ({ ...load, requests: 2000 }),
  rows({ quick, tmpfs }) {
    const all = quick
      ? ['dropgate-node', 'multer', 'busboy', 'raw-pipe', 'raw-batch']
      : [...ours, ...peers, ...raw, 'raw-named']
    return ['disk', ...(tmpfs && !quick ? ['tmpfs'] : [])].flatMap(place =>
      all.map(contender => ({
        case: place,
        contender,
        measure: tools => measureUpload(tools, contender, { ...load, place, keep: place === 'disk', requests: 2000 }),
      })),
    )
  },
  targets(table) {
    return ['disk', 'tmpfs'].flatMap(place => {
      const best = table.best(place, peers, 'files')
      const ratio = other => other && table.ratio([place, 'dropgate-node'], [place, other], 'files')
      return [
        target(`${place}, of the best peer (${best ?? 'none'})`, ratio(best), { least: 2 }),
        target(`${place}, of multer`, ratio('multer'), { least: 3.5 }),
      ]
    })
  },
}
