import { hostileContents } from '../lib/content.mjs'
import { measureUpload } from '../lib/measure.mjs'
import { measureParser } from '../lib/measure-parser.mjs'
import { target } from '../lib/targets.mjs'

const MiB = 1024 * 1024
/** Those the goal names; the others are made against our own search, and have no goal. */
const named = ['all CR', 'CRLF', 'dashes', 'CRLF and dashes', 'near-boundary', 'periodic boundary']
const others = Object.keys(hostileContents).filter(kind => !named.includes(kind))
/** So slow on some of these that less must do. */
const slow = ['formidable', 'multiparty']
const alone = 'dropgate-parser'

export default {
  letter: 'd',
  title: 'Hostile content in one form, and in the parser alone',
  columns: ['rate', 'cpuPerGiB', 'blocked'],
  charts: ['near-boundary', 'periodic boundary'],
  derived: [
    {
      title: 'x random',
      digits: 2,
      value: (table, row) =>
        row.case === 'random' ? 1 : table.ratio([row.case, row.contender], ['random', row.contender], 'rate'),
    },
  ],
  rows: ({ quick }) => (quick ? quickRows() : allRows()),
  targets(table) {
    const worst = (kinds, contender) => {
      const ratios = kinds.map(kind => table.ratio([kind, contender], ['random', contender], 'rate'))
      const measured = ratios.filter(ratio => ratio !== undefined)
      return measured.length > 0 ? Math.min(...measured) : undefined
    }
    const blocks = ['dropgate-node', 'dropgate-express'].flatMap(contender =>
      named.flatMap(kind => table.median(kind, contender, 'blocked') ?? []),
    )
    return [
      target('parser alone, the slowest of the named contents, of random', worst(named, alone), { least: 1 / 3 }),
      target('end to end, node:http, the slowest, of random', worst(named, 'dropgate-node'), { least: 0.8 }),
      target('end to end, Express, the slowest, of random', worst(named, 'dropgate-express'), { least: 0.8 }),
      target('longest block of the event loop', blocks.length > 0 ? Math.max(...blocks) : undefined, {
        most: 20,
        unit: 'ms',
      }),
    ]
  },
}

function allRows() {
  const contenders = ['dropgate-node', 'dropgate-express', 'busboy', 'fastify-busboy', 'multer', ...slow]
  const size = contender => (slow.includes(contender) ? 8 : 256) * MiB
  return [
    ...['random', ...named, ...others].map(kind => parserRow(kind, 700)),
    ...['random', ...named].flatMap(kind => contenders.map(contender => uploadRow(kind, contender, size(contender)))),
  ]
}

function quickRows() {
  return [
    ...['random', ...named].map(kind => parserRow(kind, 200)),
    ...['random', 'near-boundary', 'periodic boundary'].map(kind => uploadRow(kind, 'dropgate-node', 128 * MiB)),
  ]
}

function parserRow(kind, ms) {
  const load = { kind, parts: 1, size: 32 * MiB, chunk: 64 * 1024, ms }
  return { case: kind, contender: alone, measure: () => measureParser('dropgate', load) }
}

/** Warmed up with the same content: ordinary bytes would not compile what the hostile ones need. */
function uploadRow(kind, contender, size) {
  const load = { kind, size, warmUp: { size: 4 * MiB, requests: 3 } }
  return { case: kind, contender, measure: tools => measureUpload(tools, contender, load) }
}
