import { measureRefusal } from '../lib/measure-refusal.mjs'
import { target } from '../lib/targets.mjs'

const MiB = 1024 * 1024
const cases = {
  '1 GiB, client reads while it sends': { size: 1024 * MiB, reads: true },
  '32 MiB, client sends all first': { size: 32 * MiB, reads: false },
  '1 GiB, client sends all first': { size: 1024 * MiB, reads: false },
}
const [reading, patient] = Object.keys(cases)

export default {
  letter: 'h',
  title: 'A form that its first part head forbids',
  columns: ['answer', 'status', 'sent', 'read'],
  charts: [reading],
  rows({ quick }) {
    const all = quick
      ? ['dropgate-node', 'busboy']
      : ['dropgate-node', 'multer', 'formidable', 'fastify-multipart', 'busboy']
    return Object.entries(cases).flatMap(([name, load]) =>
      all.map(contender => ({
        case: name,
        contender,
        rounds: 3,
        measure: tools => measureRefusal(tools, contender, load),
      })),
    )
  },
  targets(table) {
    const ours = (name, column) => table.median(name, 'dropgate-node', column)
    return [
      target('read before the answer was given', ours(reading, 'read'), { most: 1, unit: 'MiB' }),
      target('the answer arrives (415)', ours(reading, 'status'), { least: 415, unit: '' }),
      target('the answer arrives at a client that sends 32 MiB first (415)', ours(patient, 'status'), {
        least: 415,
        unit: '',
      }),
    ]
  },
}
