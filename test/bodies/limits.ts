/** Bodies at a limit and one past it. */
import { B, type BodyFixture, bad, field, file, form, good } from './fixture.ts'

const one = [{ name: 'a', content: 'x' }]

function fields(count: number): [string, string][] {
  return Array.from({ length: count }, (_, n) => [field(`f${n}`), String(n)])
}

function files(count: number): [string, string][] {
  return Array.from({ length: count }, (_, n) => [file('f', `${n}`), String(n)])
}

function expectedFields(count: number) {
  return Array.from({ length: count }, (_, n) => ({ name: `f${n}`, content: String(n) }))
}

function expectedFiles(count: number) {
  const type = 'application/octet-stream'
  return Array.from({ length: count }, (_, n) => ({ name: 'f', filename: `${n}`, type, content: String(n) }))
}

const limits = {
  maxParts: 4,
  maxFiles: 2,
  maxFields: 3,
  maxFieldSize: 10,
  maxHeaderSize: 100,
  maxHeaders: 3,
  maxPreamble: 20,
}
const head = `${field('a')}\r\nX: `

export const limitBodies: readonly BodyFixture[] = [
  good('limit: as many fields as allowed', form(...fields(3)), expectedFields(3), { limits }),
  bad('limit: one field more', form(...fields(4)), 'too-many-fields', { limits }),
  good('limit: as many files as allowed', form(...files(2)), expectedFiles(2), { limits }),
  bad('limit: one file more', form(...files(3)), 'too-many-files', { limits }),
  good(
    'limit: as many parts as allowed',
    form(...fields(2), ...files(2)),
    [...expectedFields(2), ...expectedFiles(2)],
    {
      limits,
    },
  ),
  bad('limit: one part more', form(...fields(2), ...files(2), [field('z'), '']), 'too-many-parts', { limits }),
  good(
    'limit: a field value as long as allowed',
    form([field('a'), '\r\n--bounda']),
    [{ name: 'a', content: '\r\n--bounda' }],
    {
      limits,
    },
  ),
  bad('limit: a field value one byte too long', form([field('a'), '\r\n--boundar']), 'field-too-long', { limits }),
  bad(
    'limit: a field value whose end is never sent',
    `--${B}\r\n${field('a')}\r\n\r\n${'x'.repeat(11)}`,
    'field-too-long',
    {
      limits,
    },
  ),
  good(
    'limit: a file longer than a field may be',
    form([file('f', 'f'), 'x'.repeat(50)]),
    [{ name: 'f', filename: 'f', type: 'application/octet-stream', content: 'x'.repeat(50) }],
    { limits },
  ),
  bad('limit: a field name of 201 bytes', form([field(`${'ä'.repeat(100)}x`), '']), 'field-too-long'),
  bad('limit: the name of a file counts as well', form([file('x'.repeat(201), 'f'), '']), 'field-too-long'),
  good('limit: headers of 100 bytes', form([head + 'x'.repeat(100 - head.length - 2), 'x']), one, { limits }),
  bad('limit: headers of 101 bytes', form([head + 'x'.repeat(101 - head.length - 2), 'x']), 'part-header-too-long', {
    limits,
  }),
  bad('limit: a header line without end', `--${B}\r\nX${'x'.repeat(200)}`, 'part-header-too-long', { limits }),
  good('limit: three header lines', form([`A:\r\nB:\r\n${field('a')}`, 'x']), one, { limits }),
  bad('limit: four header lines', form([`A:\r\nB:\r\nC:\r\n${field('a')}`, 'x']), 'part-header-too-long', { limits }),
  good('limit: a preamble of 20 bytes', `${'p'.repeat(20)}\r\n${form([field('a'), 'x'])}`, one, { limits }),
  bad('limit: a preamble of 21 bytes', `${'p'.repeat(21)}\r\n${form([field('a'), 'x'])}`, 'malformed-multipart', {
    limits,
  }),
  bad('limit: a preamble of CR without end', '\r'.repeat(60), 'malformed-multipart', { limits }),
]
