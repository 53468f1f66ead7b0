import { measureParser } from '../lib/measure-parser.mjs'
import { target } from '../lib/targets.mjs'

const KiB = 1024
const streaming = ['busboy', 'fastify-busboy', 'multiparty', 'formidable']
const buffering = ['remix', 'native-formdata']

const loads = {
  '32 MiB, 64 KiB chunks': { parts: 1, size: 32 * KiB * KiB, chunk: 64 * KiB },
  '32 MiB, 1,460-byte chunks': { parts: 1, size: 32 * KiB * KiB, chunk: 1460 },
  '10,000 parts of 1 KiB': { parts: 10_000, size: KiB, chunk: 64 * KiB },
  '10,000 text fields': { parts: 10_000, size: 20, chunk: 64 * KiB, fields: true },
}
const [large, small, many, fields] = Object.keys(loads)

export default {
  letter: 'e',
  title: 'The parser alone, in memory',
  columns: ['rate', 'parts'],
  reference: 'scan-floor',
  rows({ quick }) {
    const parsers = ['dropgate', 'scan-floor', ...(quick ? ['busboy', 'fastify-busboy'] : [...streaming, ...buffering])]
    const ms = quick ? 200 : 700
    return Object.entries(loads).flatMap(([name, load]) =>
      parsers
        // The native one needs seconds for small chunks, and tells nothing new by it.
        .filter(parser => !(parser === 'native-formdata' && name === small))
        .map(parser => ({ case: name, contender: parser, measure: () => measureParser(parser, { ...load, ms }) })),
    )
  },
  targets(table) {
    const floor = name => table.ratio([name, 'dropgate'], [name, 'scan-floor'], 'rate')
    const peer = name => {
      const best = table.best(name, streaming, 'rate')
      const ratio = best && table.ratio([name, 'dropgate'], [name, best], 'rate')
      return target(`${name}, of the best streaming peer (${best ?? 'none'})`, ratio, { least: 1 })
    }
    return [
      target(`${large}, of a bare indexOf`, floor(large), { least: 0.95 }),
      peer(small),
      peer(many),
      peer(fields),
      target(`${many}, of a bare indexOf`, floor(many), { least: 1500 / 3900 }),
    ]
  },
}
