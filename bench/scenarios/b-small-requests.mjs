import { ours, peers, raw } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

/** What counts is a server that has been at work for some seconds: before, most of it is V8 compiling. */
const load = { size: 16 * 1024, connections: 8, requests: 2000 }
const turns = quick => (quick ? {} : { warmUpTurns: 6, turns: 2 })

export default {
  letter: 'b',
  title: '2,000 files of 16 KiB, one request each, 8 keep-alive connections',
  columns: ['files', 'cpuPer1000', 'median', 'p99', 'memory'],
  ceiling: () => load,
  rows({ quick, tmpfs }) {
    const all = quick
      ? ['dropgate-node', 'multer', 'busboy', 'raw-pipe', 'raw-batch']
      : [...ours, 'dropgate-direct', ...peers, ...raw, 'raw-named', 'raw-alike']
    return ['disk', ...(tmpfs && !quick ? ['tmpfs'] : [])].flatMap(place =>
      all.map(contender => ({
        case: place,
        contender,
        measure: tools => measureUpload(tools, contender, { ...load, ...turns(quick), place, keep: place === 'disk' }),
      })),
    )
  },
  targets(table) {
    return ['disk', 'tmpfs'].flatMap(place => {
      const best = table.best(place, peers, 'files')
      const ratio = other => other && table.ratio([place, 'dropgate-node'], [place, other], 'files')
      return [
        target(`${place}, of the best peer (${best ?? 'none'})`, ratio(best), { least: 2, either: 'best peer' }),
        target(`${place}, of multer`, ratio('multer'), { least: 3.5, either: 'multer' }),
      ]
    })
  },
}
