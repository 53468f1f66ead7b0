/** Prototype pollution, and objects built from names. */
import { field, form } from '../fixture.ts'
import { type Advisory, reads } from './fixture.ts'

const flat = 'Names are never taken apart: a field has the name that was sent, as a key of a Map.'

/** Fields that must come out under their own names. */
function named(...names: readonly string[]) {
  return reads(
    names.map(name => (name.length > 40 ? `${name.slice(0, 40)}…` : name)).join(', then '),
    form(...names.map(name => [field(name), 'polluted'] as const)),
    names.map(name => ({ name, content: 'polluted' })),
    { limits: { maxFieldNameSize: 1_000_000, maxHeaderSize: 1_000_000 } },
  )
}

export const objectAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2020-7699', 'express-fileupload#236'],
    peer: 'express-fileupload',
    mechanism: 'nested names become nested objects',
    decision: flat,
    inputs: [named('__proto__.toString'), named('__proto__.toString', 'constructor.prototype.toString')],
  },
  {
    ids: ['CVE-2026-25754', 'GHSA-f5x2-vj4h-vg4c'],
    peer: 'Adonis',
    mechanism: 'nested names set as lodash does',
    decision: flat,
    inputs: [named('user.__proto__.polluted'), named('constructor.prototype.x')],
  },
  {
    ids: ['CVE-2026-48795', 'GHSA-qcm7-3vpr-hj5h'],
    peer: 'Adonis',
    mechanism: 'the first mend missed names in brackets',
    decision: flat,
    inputs: [named('a[__proto__][b]'), named('a[constructor][prototype][b]')],
  },
  {
    ids: ['GHSA-v8w9-8mx6-g223'],
    peer: 'Hono, parseBody({ dot: true })',
    mechanism: 'names with dots become nested objects',
    decision: flat,
    inputs: [named('__proto__.x'), named('__proto__')],
  },
  {
    ids: ['CVE-2026-25150'],
    peer: 'Qwik, formToObj',
    mechanism: 'names with dots become nested objects',
    decision: flat,
    inputs: [named('__proto__.x', 'constructor.prototype.x')],
  },
  {
    ids: ['CVE-2026-5079', 'GHSA-72gw-mp4g-v24j'],
    peer: 'multer',
    mechanism: 'names nested without end',
    decision: 'A name longer than 200 bytes is refused; brackets in one mean nothing.',
    inputs: [
      {
        face: 'body',
        fixture: {
          title: 'a[b][b]… of 100,000 levels',
          boundary: 'boundary',
          body: Buffer.from(form([field(`a${'[b]'.repeat(100_000)}`), 'x'])),
          expected: 'part-header-too-long',
        },
      },
      {
        face: 'body',
        fixture: {
          title: 'a[b][b]… of 100 levels',
          boundary: 'boundary',
          body: Buffer.from(form([field(`a${'[b]'.repeat(100)}`), 'x'])),
          expected: 'field-too-long',
        },
      },
      named(`a${'[b]'.repeat(100_000)}`),
    ],
  },
  {
    ids: ['CVE-2026-77078', 'GHSA-wc9g-mqfw-jrwm'],
    peer: 'multer',
    mechanism: 'RangeError: an array at its longest is asked to grow',
    decision: flat,
    inputs: [named('a[4294967294]', 'a[]')],
  },
  {
    ids: ['CVE-2026-82333', 'GHSA-535w-7cp7-47q4'],
    peer: 'multer',
    mechanism: 'a sparse array is walked from end to end',
    decision: flat,
    inputs: [named('a[4294967294]', 'a[x]')],
  },
]
