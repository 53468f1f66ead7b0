import { ours, peers, streamingPeers } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const load = { size: 4 * 1024, files: 500 }
/** See b. */
const turns = { warmUpTurns: 2, turns: 2 }

export default {
  letter: 'c',
  title: 'Requests with 500 files of 4 KiB, one after another',
  columns: ['files', 'cpuPer1000', 'median', 'memory', 'blocked'],
  ceiling: () => ({ ...load, requests: 8 }),
  rows({ quick, tmpfs }) {
    const all = quick
      ? ['dropgate-node', 'dropgate-direct', 'multer', 'busboy']
      : [...ours, 'dropgate-direct', ...peers, 'raw-files', 'raw-named']
    const requests = quick ? 4 : 16
    return ['disk', ...(tmpfs && !quick ? ['tmpfs'] : [])].flatMap(place =>
      all.map(contender => ({
        case: place,
        contender,
        measure: tools =>
          measureUpload(tools, contender, {
            ...load,
            ...(quick ? {} : turns),
            place,
            keep: place === 'disk',
            requests,
          }),
      })),
    )
  },
  targets(table) {
    return ['disk', 'tmpfs'].flatMap(place => {
      const best = table.best(place, streamingPeers, 'files')
      const ratio = contender => best && table.ratio([place, contender], [place, best], 'files')
      const claim = (what, contender) =>
        target(`${place}, ${what}, of the best streaming peer (${best ?? 'none'})`, ratio(contender), {
          least: 3,
          // Where the price of the promise costs it, what counts is the row without the promise.
          either: 'one of these',
        })
      return [claim('temporary and link', 'dropgate-node'), claim('final name at once', 'dropgate-direct')]
    })
  },
}
