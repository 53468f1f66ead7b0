/** Bodies about where a part begins and ends. */
import { B, type BodyFixture, bad, field, file, form, good } from './fixture.ts'

const filler = 'x'.repeat(100)

/** A file whose content must come out byte for byte. */
function content(title: string, text: string, boundary = B): BodyFixture {
  const body = form([file('f', 'f'), text]).replaceAll(`--${B}\r\nC`, `--${boundary}\r\nC`)
  return good(
    `content: ${title}`,
    `${body.slice(0, body.lastIndexOf(`--${B}--`))}--${boundary}--\r\n`,
    [{ name: 'f', filename: 'f', type: 'application/octet-stream', content: text }],
    { boundary },
  )
}

export const delimiterBodies: readonly BodyFixture[] = [
  content('boundary and other letters', `a\r\n--${B}EXTRA\r\nb`),
  content('boundary and one dash', `a\r\n--${B}-x\r\n--${B}-\r\n`),
  content('boundary and a bare LF', `a\r\n--${B}\nb`),
  content('boundary and a bare CR', `a\r\n--${B}\rb\r\n--${B}\r\r\n`),
  content('boundary, padding and letters', `a\r\n--${B} \t x\r\n`),
  content('boundary, padding and dashes', `a\r\n--${B} --\r\n`),
  content('boundary, padding, CR and no LF', `a\r\n--${B}  \r--${B}`),
  content('boundary without CRLF before it', `a--${B}\r\nb--${B}--\r\nc\n--${B}\r\nd\r--${B}--`),
  content('beginning with boundary and letters', `--${B}x`),
  content('beginning with boundary, padding and letters', `--${B}  x`),
  content('beginning with one dash', '-'),
  content('two needles, the first of them false', `\r\n--${B}!\r\n--${B}?`),
  content('the boundary one letter short', `\r\n--${B.slice(0, -1)}\r\n--${B.slice(0, -1)}`),
  content('the boundary in capitals', `\r\n--${B.toUpperCase()}\r\n`),
  content('only CR', '\r'.repeat(50)),
  content('only CRLF', '\r\n'.repeat(50)),
  content('CRLF and dashes', '\r\n--'.repeat(30)),
  content('ending in CR', 'abc\r'),
  content('ending in CRLF--', 'abc\r\n--'),
  content('NUL and bytes that are not UTF-8 text', '\0\x01\x7f\r\n\0'),
  content('another multipart body', form([field('inner'), 'x']).replaceAll(B, 'other')),
  content('delimiters of a boundary that this one begins', '\r\n--boundary\r\n--boundary--\r\n', 'boundary1'),
  content('a periodic boundary in its own letters', `\r\n--${'a'.repeat(69)}\r\n${'a'.repeat(80)}`, 'a'.repeat(70)),
  content('boundary of one letter', '\r\n-\r\n--\r\n--b\r\na', 'a'),
  content('boundary of dashes', '\r\n---\r\n----\r\n', '-----'),
  content('boundary with all punctuation', "\r\n--'()+_,-./:=?", "'()+_,-./:=? x"),
  content('boundary of 70 letters', 'x', 'b'.repeat(70)),
  good('padding after the first, a middle and the last boundary', pad(' \t ', '  ', '\t'), twoFields()),
  good('1024 bytes of padding', pad(' '.repeat(1024), '\t'.repeat(1024), ' '.repeat(1024)), twoFields()),
  bad('1025 bytes of padding', pad(' ', ' '.repeat(1025), ''), 'malformed-multipart'),
  bad(
    '1025 bytes of padding after a field that is too long',
    `--${B}\r\n${field('a')}\r\n\r\n12\r\n--${B}${' '.repeat(1025)}\r\n`,
    'field-too-long',
    { limits: { maxFieldSize: 1 } },
  ),
  good('the close delimiter alone', `--${B}--`, []),
  good('the close delimiter after CRLF', `\r\n--${B}--\r\n`, []),
  good('a preamble', `hello\r\nthis is not a part\r\n${form([field('a'), '1'])}`, [{ name: 'a', content: '1' }]),
  good('a preamble that looks like a delimiter', `--${B}x\r\n${form([field('a'), '1'])}`, [
    { name: 'a', content: '1' },
  ]),
  good('an epilogue', `${form([field('a'), '1'])}bye\r\n--${B}\r\nnot a part`, [{ name: 'a', content: '1' }]),
  good('an empty file and an empty field', form([file('f', 'e'), ''], [field('a'), '']), [
    { name: 'f', filename: 'e', type: 'application/octet-stream', content: '' },
    { name: 'a', content: '' },
  ]),
  bad(
    'an epilogue without a line end before it',
    `--${B}\r\n${field('a')}\r\n\r\n1\r\n--${B}--x`,
    'malformed-multipart',
  ),
  bad('a CR without LF after the close delimiter', `--${B}--\rx`, 'malformed-multipart'),
  bad(
    'a delimiter that shares the CRLF of the empty line',
    `--${B}\r\n${field('a')}\r\n\r\n--${B}--\r\n`,
    'malformed-multipart',
  ),
  bad(
    'a delimiter inside a header block',
    `--${B}\r\n${field('a')}\r\n--${B}\r\n${field('b')}\r\n\r\n`,
    'malformed-multipart',
  ),
  bad(
    'a delimiter with a colon inside a header block',
    `--a:b\r\n${field('a')}\r\n--a:b\r\n\r\nx\r\n--a:b--\r\n`,
    'malformed-multipart',
    { boundary: 'a:b' },
  ),
  bad('no delimiter at all', filler, 'malformed-multipart'),
  bad('an empty body', '', 'ended-early'),
  bad('half a first delimiter', `--${B.slice(0, 4)}`, 'ended-early'),
  bad('no close delimiter', `--${B}\r\n${field('a')}\r\n\r\n1\r\n`, 'ended-early'),
  bad('the close delimiter one dash short', `--${B}\r\n${file('f', '')}\r\n\r\n\r\n--${B}-`, 'ended-early'),
  bad('the end inside a header', `--${B}\r\n${field('a')}`, 'ended-early'),
  bad('the end inside the CRLF of a header', `--${B}\r\n${field('a')}\r\n\r`, 'ended-early'),
  bad('the end after half a CRLF', `--${B}\r\n${field('a')}\r\n\r\n1\r`, 'ended-early'),
  bad('the boundary in capitals', form([field('a'), '1']).replaceAll(B, B.toUpperCase()), 'malformed-multipart'),
  bad('LF-only lines', form([field('a'), '1']).replaceAll('\r\n', '\n'), 'malformed-multipart'),
  bad('CR-only lines', form([field('a'), '1']).replaceAll('\r\n', '\r'), 'malformed-multipart'),
]

function pad(first: string, middle: string, last: string): string {
  return `--${B}${first}\r\n${field('a')}\r\n\r\n1\r\n--${B}${middle}\r\n${field('b')}\r\n\r\n2\r\n--${B}--${last}\r\n`
}

function twoFields() {
  return [
    { name: 'a', content: '1' },
    { name: 'b', content: '2' },
  ]
}
