import { ours, peers, raw, streamingPeers } from '../lib/contenders.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const MiB = 1024 * 1024
/** These keep the file in memory several times over; once on disk says enough. */
const buffering = ['remix', 'native-formdata']

export default {
  letter: 'a',
  title: 'One file of 1 GiB in one form',
  weight: 3,
  columns: ['rate', 'cpuPerGiB', 'memory', 'blocked'],
  ceiling: ({ quick }) => ({ size: sizeOf(quick) }),
  rows({ quick, tmpfs }) {
    const all = quick
      ? ['dropgate-node', 'dropgate-express', 'multer', 'raw-pipe', 'raw-batch']
      : [...ours, ...peers, ...raw]
    return ['disk', ...(tmpfs ? ['tmpfs'] : [])].flatMap(place =>
      all
        .filter(contender => place === 'disk' || !buffering.includes(contender))
        .map(contender => ({
          case: place,
          contender,
          measure: tools => measureUpload(tools, contender, { place, size: sizeOf(quick) }),
        })),
    )
  },
  targets: table => ['dropgate-node', 'dropgate-express'].flatMap(contender => claims(table, contender)),
}

function sizeOf(quick) {
  return (quick ? 256 : 1024) * MiB
}

function claims(table, contender) {
  const ratio = (place, other, column = 'rate') => table.ratio([place, contender], [place, other], column)
  const leanest = table.best('disk', streamingPeers, 'memory', 'less')
  const memory = name => table.median('disk', name, 'memory')
  const [mine, theirs] = [memory(contender), leanest && memory(leanest)]
  const more = mine === undefined || theirs === undefined ? undefined : mine - theirs
  return [
    target(`${contender}, disk, of raw-pipe`, ratio('disk', 'raw-pipe'), { least: 1.9, bold: 2.2 }),
    target(`${contender}, disk, of multer`, ratio('disk', 'multer'), { least: 2, bold: 2.3 }),
    target(`${contender}, tmpfs, of multer`, ratio('tmpfs', 'multer'), { least: 1.6, bold: 2 }),
    target(`${contender}, disk, CPU of multer's`, ratio('disk', 'multer', 'cpuPerGiB'), { most: 0.5 }),
    target(`${contender}, disk, peak RSS above ${leanest ?? 'the leanest peer'}`, more, {
      most: 10,
      bold: 0,
      unit: 'MiB',
    }),
  ]
}
