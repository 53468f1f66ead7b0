import { measureUpload } from '../lib/measure.mjs'
import { target } from '../lib/targets.mjs'

const MiB = 1024 * 1024
const count = 64
const alone = 'one after another'
const together = '64 at once'

export default {
  letter: 'k',
  title: '64 uploads of 16 MiB, one after another and at once',
  columns: ['rate', 'cpuPerGiB', 'memory', 'blocked'],
  rows({ quick }) {
    const all = quick
      ? ['dropgate-node', 'raw-pipe']
      : ['dropgate-node', 'dropgate-express', 'multer', 'busboy', 'raw-pipe', 'raw-batch']
    const size = (quick ? 4 : 16) * MiB
    return [alone, together].flatMap(name =>
      all.map(contender => ({
        case: name,
        contender,
        measure: tools =>
          measureUpload(tools, contender, { size, requests: count, connections: name === alone ? 1 : count }),
      })),
    )
  },
  targets: table => ['dropgate-node', 'dropgate-express'].flatMap(contender => claims(table, contender)),
}

function claims(table, contender) {
  const [one, many] = [alone, together].map(name => table.median(name, contender, 'memory'))
  const each = one === undefined || many === undefined ? undefined : (many - one) / count
  return [
    target(`${contender}, together, of alone`, table.ratio([together, contender], [alone, contender], 'rate'), {
      least: 0.9,
    }),
    target(`${contender}, peak RSS for each`, each, { most: 1, unit: 'MiB' }),
  ]
}
