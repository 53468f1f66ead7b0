import { measureHalfOpen } from '../lib/measure-half-open.mjs'
import { target } from '../lib/targets.mjs'

export default {
  letter: 'j',
  title: '1,000 uploads of 64 KiB that stop after 1 KiB',
  columns: ['held', 'heldAfterGc', 'descriptors', 'stored'],
  rows({ quick }) {
    const all = quick
      ? ['dropgate-node', 'multer']
      : [
          'dropgate-node',
          'dropgate-express',
          'multer',
          'busboy',
          'formidable',
          'fastify-multipart',
          'raw-pipe',
          'raw-batch',
        ]
    return all.map(contender => ({ case: '', contender, measure: tools => measureHalfOpen(tools, contender) }))
  },
  targets: table =>
    ['dropgate-node', 'dropgate-express'].flatMap(contender => [
      // Before a collection a heap that the warm-up left half empty hides what is held.
      target(`${contender}, RSS each after a collection`, table.median('', contender, 'heldAfterGc'), {
        most: 16,
        unit: 'KiB',
      }),
      target(`${contender}, descriptors each`, table.median('', contender, 'descriptors'), { most: 1, unit: '' }),
    ]),
}
