/**
 * Bodies by class: what is peculiar about them, what their sender meant, and what we do with them. A class has one
 * outcome with us; everything else about its bodies is left to chance.
 */
import type { UploadErrorCode } from '../../../src/sansio/errors.ts'
import type { Random } from '../random.ts'

export interface Part {
  readonly name: string
  readonly filename?: string
  readonly type?: string
  /** One letter is one byte. */
  readonly content: string
}

export interface Sample {
  readonly contentType: string
  /** One letter is one byte. */
  readonly body: string
  /** What we must do. */
  readonly expected: readonly Part[] | UploadErrorCode
}

export interface BodyClass {
  readonly name: string
  readonly make: (random: Random) => Sample
  /** Costly ones are made once in so many turns. Default 1. */
  readonly seldom?: number
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function word(random: Random, longest = 8): string {
  return Array.from({ length: 1 + random.below(longest) }, () => letters[random.below(letters.length)]).join('')
}

/** Long enough not to come up in a content by chance; without j, because a boundary with `json` is a class of its own. */
function boundaryWord(random: Random): string {
  return `bound${Array.from({ length: 12 }, () => random.pick([...letters.replace(/j/gi, '')])).join('')}`
}

function content(random: Random): string {
  return Array.from({ length: random.below(40) }, () => String.fromCharCode(32 + random.below(90))).join('')
}

const types = ['image/png', 'text/plain', 'application/pdf', 'application/octet-stream']

function plainParts(random: Random): Part[] {
  return Array.from({ length: 1 + random.below(3) }, () => plainPart(random))
}

function plainPart(random: Random): Part {
  const name = word(random)
  if (random.once(2)) return { name, content: content(random) || 'x' }
  return { name, filename: `${word(random)}.txt`, type: random.pick(types), content: content(random) || 'x' }
}

function headOf({ name, filename, type }: Part): string {
  const disposition = `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`
  return type === undefined ? disposition : `${disposition}\r\nContent-Type: ${type}`
}

/** A body of raw header blocks and contents. */
function bodyOf(boundary: string, blocks: readonly (readonly [head: string, content: string])[]): string {
  return `${blocks.map(([head, text]) => `--${boundary}\r\n${head}\r\n\r\n${text}\r\n`).join('')}--${boundary}--\r\n`
}

interface Plan {
  boundary?: string
  contentType?: string
  parts?: Part[]
  /** The part that is peculiar: its header block, and what it means (if it means something). */
  head?: string
  means?: Part
  /** Changes the whole body. */
  body?: (body: string, boundary: string) => string
  refused?: UploadErrorCode
}

/** A class from a plan: plain parts, among them one that is peculiar, and perhaps a change of the whole. */
function kind(name: string, plan: (random: Random) => Plan, seldom = 1): BodyClass {
  return {
    name,
    seldom,
    make: random => {
      const made = plan(random)
      const { boundary = `----${boundaryWord(random)}`, parts = plainParts(random), head, means } = made
      const at = random.below(parts.length + 1)
      const blocks = parts.map(part => [headOf(part), part.content] as const)
      if (head !== undefined || means) blocks.splice(at, 0, [head ?? headOf(means as Part), means?.content ?? 'x'])
      const whole = bodyOf(boundary, blocks)
      const expected = means ? [...parts.slice(0, at), means, ...parts.slice(at)] : parts
      return {
        contentType: made.contentType ?? `multipart/form-data; boundary=${boundary}`,
        body: made.body ? made.body(whole, boundary) : whole,
        expected: made.refused ?? expected,
      }
    },
  }
}

/** A file with this content beside plain parts; the content may name the boundary. */
function inContent(name: string, make: (boundary: string, random: Random) => string): BodyClass {
  return kind(name, random => {
    const boundary = `----${boundaryWord(random)}`
    const text = make(boundary, random)
    const isFile = random.once(2)
    return {
      boundary,
      means: isFile ? { name: 'f', filename: 'f.bin', type: 'image/png', content: text } : { name: 'f', content: text },
    }
  })
}

/** A part with this Content-Disposition (after `form-data`), and what it means. */
function disposition(name: string, make: (random: Random) => { parameters: string; means: Part }): BodyClass {
  return kind(name, random => {
    const { parameters, means } = make(random)
    const type = means.type ? `\r\nContent-Type: ${means.type}` : ''
    return { head: `Content-Disposition: form-data${parameters}${type}`, means }
  })
}

function fileNamed(name: string, written: (random: Random) => string, meant: (written: string) => string): BodyClass {
  return disposition(name, random => {
    const raw = written(random)
    return {
      parameters: `; name="f"; filename="${raw}"`,
      means: { name: 'f', filename: meant(raw), type: 'image/png', content: 'x' },
    }
  })
}

function refusedHead(
  name: string,
  head: (random: Random) => string,
  code: UploadErrorCode = 'malformed-multipart',
): BodyClass {
  return kind(name, random => ({ head: head(random), refused: code }))
}

function changed(
  name: string,
  body: (body: string, boundary: string, random: Random) => string,
  refused?: UploadErrorCode,
): BodyClass {
  return kind(name, random => ({
    body: (text, boundary) => body(text, boundary, random),
    ...(refused && { refused }),
  }))
}

/** UTF-8 bytes as letters. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1')
const field = (name: string) => `Content-Disposition: form-data; name="${name}"`
const file = (name: string, filename: string) => `${field(name)}; filename="${filename}"\r\nContent-Type: image/png`

export const readClasses: readonly BodyClass[] = [
  kind('as browsers send', () => ({})),
  changed('no line end after the close delimiter', body => body.slice(0, -2)),
  changed('preamble', (body, _, random) => `${word(random)}\r\n${body}`),
  changed('empty line before the first delimiter', body => `\r\n${body}`),
  changed('preamble like a delimiter', (body, boundary) => `--${boundary}x\r\n${body}`),
  changed('epilogue', (body, _, random) => `${body}${content(random)}`),
  changed('padding after a delimiter', (body, boundary) =>
    body.replaceAll(`--${boundary}\r\n`, `--${boundary} \t\r\n`),
  ),
  changed('padding after the close delimiter', body => `${body.slice(0, -2)} \r\n`),
  kind('empty form', random => ({ boundary: boundaryWord(random), parts: [] })),
  kind('boundary of 70 letters', random => ({ boundary: 'z'.repeat(69) + letters[random.below(62)] })),
  kind('boundary with the word json', random => ({ boundary: `--${boundaryWord(random)}jSoN${boundaryWord(random)}` })),
  kind('quoted boundary with punctuation', random => {
    const boundary = `a:b=c?${boundaryWord(random)}'()+_,-./ d`
    return { boundary, contentType: `multipart/form-data; boundary="${boundary}"` }
  }),
  kind('capitals and parameters in the request type', random => {
    const boundary = boundaryWord(random)
    return { boundary, contentType: `Multipart/Form-Data; charset=utf-8; BOUNDARY=${boundary}` }
  }),
  inContent('content: delimiter and letters', (boundary, random) => `a\r\n--${boundary}${word(random)}\r\nb`),
  inContent('content: delimiter and one dash', boundary => `a\r\n--${boundary}-\r\nb`),
  inContent('content: delimiter and bare LF', boundary => `a\r\n--${boundary}\nb`),
  inContent('content: delimiter, padding and letters', boundary => `a\r\n--${boundary}  b\r\nc`),
  inContent('content: delimiter without CRLF before it', boundary => `a\n--${boundary}\r\nb--${boundary}--\r\nc`),
  inContent('content: the boundary without its dashes', boundary => `a ${boundary} b`),
  inContent('content: the delimiter one letter short', boundary => `a\r\n--${boundary.slice(0, -1)}\r\nb`),
  inContent('content: CR, LF and dashes', (_, random) =>
    Array.from({ length: 1 + random.below(30) }, () => random.pick(['\r', '\n', '-', '\r\n', '--'])).join(''),
  ),
  kind('content: any bytes in a file', random => ({
    means: {
      name: 'f',
      filename: 'f.bin',
      type: 'image/png',
      content: Array.from({ length: 1 + random.below(200) }, () => String.fromCharCode(random.below(256))).join(''),
    },
  })),
  kind('content: UTF-8 in a field', random => ({ means: { name: word(random), content: utf8('Grüße 😀') } })),
  kind('content: bytes in a field that are no UTF-8', random => ({ means: { name: word(random), content: 'a\xffb' } })),
  kind('empty field', random => ({ means: { name: word(random), content: '' } })),
  kind('empty file', random => ({ means: { name: word(random), filename: 'a.txt', type: 'text/plain', content: '' } })),
  kind('no file chosen', random => ({
    means: { name: word(random), filename: '', type: 'application/octet-stream', content: '' },
  })),
  kind('file without a type', random => ({ means: { name: word(random), filename: 'a.txt', content: 'x' } })),
  kind('field with a type', random => ({ means: { name: word(random), type: 'text/plain', content: 'x' } })),
  kind('file type with capitals and parameters', random => ({
    head: `${field(word(random))}; filename="a.txt"\r\nContent-Type: Text/Plain; charset=UTF-8`.replace(
      /name="\w+"/,
      'name="f"',
    ),
    means: { name: 'f', filename: 'a.txt', type: 'text/plain', content: 'x' },
  })),
  kind('two fields of one name', random => {
    const name = word(random)
    return { parts: [{ name, content: '1' }, plainPart(random)], means: { name, content: '2' } }
  }),
  kind('field named like an inherited member', random => ({
    means: { name: random.pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty']), content: 'x' },
  })),
  kind('field name with brackets', random => ({
    means: { name: random.pick(['a[b]', 'file[0]', 'a[]', 'a[__proto__][b]', 'a.b']), content: 'x' },
  })),
  ...['__proto__', 'constructor'].map(name =>
    kind(`part header named ${name}`, () => ({
      head: `${name}: 1\r\n${field('f')}`,
      means: { name: 'f', content: 'x' },
    })),
  ),
  kind('other part headers, in another order', () => ({
    head: `X-Extra: 1\r\nContent-Type: image/png\r\nContent-Length: 1\r\n${field('f')}; filename="a.png"`,
    means: { name: 'f', filename: 'a.png', type: 'image/png', content: 'x' },
  })),
  kind('header names in other letters, no space after the colon', () => ({
    head: 'CONTENT-disposition:form-data;name="f";filename="a.png"\r\ncontent-TYPE:image/png',
    means: { name: 'f', filename: 'a.png', type: 'image/png', content: 'x' },
  })),
  kind('Content-Transfer-Encoding binary, 7bit or 8bit', random => ({
    head: `${file('f', 'a.png')}\r\nContent-Transfer-Encoding: ${random.pick(['binary', '7bit', '8bit', 'Binary'])}`,
    means: { name: 'f', filename: 'a.png', type: 'image/png', content: 'x' },
  })),
  fileNamed(
    'name: raw UTF-8',
    random => utf8(random.pick(['größe.txt', '日本語.txt', '😀.txt'])),
    name => name,
  ),
  fileNamed(
    'name: bytes that are no UTF-8',
    () => 'a\xffb.txt',
    () => utf8('a\ufffdb.txt'),
  ),
  fileNamed(
    'name: %22',
    () => 'a%22b.txt',
    name => name.replace('%22', '"'),
  ),
  fileNamed(
    'name: %0D%0A',
    () => 'a%0D%0Ab.txt',
    name => name.replace('%0D%0A', '\r\n'),
  ),
  fileNamed(
    'name: other percent signs',
    random => random.pick(['100%.txt', 'a%41.txt', 'a%C3%A4.txt', '%ZZ.txt']),
    name => name,
  ),
  fileNamed(
    'name: escaped quote',
    () => 'say \\"hi\\".txt',
    () => 'say "hi".txt',
  ),
  fileNamed(
    'name: backslashes',
    random => random.pick(['C:\\fakepath\\x.txt', 'a\\b.txt']),
    name => name,
  ),
  fileNamed(
    'name: backslash at the end',
    () => 'dir\\',
    name => name,
  ),
  fileNamed(
    'name: slashes',
    random => random.pick(['../../etc/passwd', '/abs.txt', 'a/b.txt']),
    name => name,
  ),
  fileNamed(
    'name: semicolons, equals signs and spaces',
    () => 'a; name=b.txt',
    name => name,
  ),
  fileNamed(
    'name: controls',
    random => `a${random.pick(['\x01', '\x1b', '\x7f'])}b.txt`,
    name => name,
  ),
  fileNamed(
    'name: tab',
    () => 'a\tb.txt',
    name => name,
  ),
  disposition('parameters without quotes', () => ({
    parameters: '; name=f; filename=a.txt',
    means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
  })),
  disposition('parameter names in capitals', () => ({
    parameters: '; NAME="f"; FileName="a.txt"',
    means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
  })),
  disposition('empty parameters', () => ({
    parameters: ';; name="f";;filename="a.txt" ;',
    means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
  })),
  disposition('filename, then filename*', () => ({
    parameters: `; name="f"; filename="a.txt"; filename*=UTF-8''b.exe`,
    means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
  })),
  disposition('filename*, then filename', () => ({
    parameters: `; name="f"; filename*=UTF-8''b.exe; filename="a.txt"`,
    means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
  })),
  ...(
    [
      ['with a bad escape', "UTF-8''a%ZZ"],
      ['that is no UTF-8', "UTF-8''%FF"],
      ['of an unknown charset', "klingon''b"],
    ] as const
  ).map(([how, value]) =>
    disposition(`filename, and filename* ${how}`, () => ({
      parameters: `; name="f"; filename="a.txt"; filename*=${value}`,
      means: { name: 'f', filename: 'a.txt', type: 'image/png', content: 'x' },
    })),
  ),
  disposition('filename* alone', () => ({
    parameters: `; name="f"; filename*=UTF-8''b.txt`,
    means: { name: 'f', content: 'x' },
  })),
]

export const refusedClasses: readonly BodyClass[] = [
  changed(
    'cut in a content',
    (body, boundary) => body.slice(0, body.lastIndexOf(`\r\n--${boundary}--`)),
    'ended-early',
  ),
  changed(
    'cut after a content',
    body => body.slice(0, body.lastIndexOf('--', body.length - 5)).replace(/-*\w*$/, ''),
    'ended-early',
  ),
  changed(
    'cut in a part head',
    (body, boundary) => `${body.slice(0, body.lastIndexOf(`--${boundary}--`))}--${boundary}\r\n${field('z')}`,
    'ended-early',
  ),
  changed('close delimiter one dash short', body => body.slice(0, -3), 'ended-early'),
  changed('no bytes at all', () => '', 'ended-early'),
  changed('no delimiter at all', (_, __, random) => `${word(random)}\r\n${word(random)}`, 'malformed-multipart'),
  changed(
    'boundary in other letters',
    (body, boundary) => body.replaceAll(boundary, `${boundary}Z`),
    'malformed-multipart',
  ),
  changed('letters right after the close delimiter', body => `${body.slice(0, -2)}x`, 'malformed-multipart'),
  changed('lines that end in LF', body => body.replaceAll('\r\n', '\n'), 'malformed-multipart'),
  changed('lines that end in CR', body => body.replaceAll('\r\n', '\r'), 'malformed-multipart'),
  kind('delimiter that borrows the empty line', random => {
    const boundary = boundaryWord(random)
    return {
      boundary,
      body: text =>
        text.replace(`--${boundary}--\r\n`, `--${boundary}\r\n${file('f', 'a')}\r\n\r\n--${boundary}--\r\n`),
      refused: 'malformed-multipart',
    }
  }),
  kind('delimiter inside a part head', random => {
    const boundary = boundaryWord(random).replace(/\d/g, 'x')
    return { boundary, head: `${field('f')}\r\n--${boundary}\r\n${field('g')}`, refused: 'malformed-multipart' }
  }),
  refusedHead('part head: no Content-Disposition', () => 'X: y', 'part-without-name'),
  refusedHead(
    'part head: no name',
    () => 'Content-Disposition: form-data; filename="a"\r\nContent-Type: image/png',
    'part-without-name',
  ),
  refusedHead('part head: empty name', random => random.pick([field(''), file('', 'a')]), 'part-without-name'),
  refusedHead('part head: another disposition', () => 'Content-Disposition: attachment; name="f"; filename="a"'),
  refusedHead('part head: two Content-Dispositions', () => `${field('f')}\r\n${field('g')}`),
  refusedHead('part head: two names', () => `${field('f')}; name="g"`),
  refusedHead('part head: two filenames', () => `${field('f')}; filename="a.txt"; filename="b.exe"`),
  refusedHead('part head: two Content-Types', () => `${file('f', 'a')}\r\nContent-Type: text/html`),
  refusedHead('part head: line without a colon', () => `${field('f')}\r\nhello`),
  refusedHead('part head: space before the colon', () => 'Content-Disposition : form-data; name="f"'),
  refusedHead('part head: folded line', () => 'Content-Disposition: form-data;\r\n name="f"'),
  refusedHead('part head: first line begins with a space', () => ` ${field('f')}`),
  refusedHead('part head: bare CR', () => field('a\rb')),
  refusedHead('part head: bare LF', () => field('a\nb')),
  refusedHead('part head: NUL', random => random.pick([field('a\0b'), file('f', 'a\0.txt')])),
  refusedHead('part head: open quote', () => 'Content-Disposition: form-data; name="f'),
  refusedHead('part head: letters after a quote', () => 'Content-Disposition: form-data; name="f"x'),
  refusedHead('part head: parameter without a value', () => 'Content-Disposition: form-data; name="f"; filename'),
  refusedHead(
    'part head: file name with a space and no quotes',
    () => `${field('f')}; filename=a b.txt\r\nContent-Type: image/png`,
  ),
  refusedHead('part head: spaces around the equals sign', () => 'Content-Disposition: form-data; name = "f"'),
  refusedHead(
    'Content-Transfer-Encoding base64',
    () => `${file('f', 'a')}\r\nContent-Transfer-Encoding: base64`,
    'transfer-encoding-not-supported',
  ),
  refusedHead(
    'Content-Transfer-Encoding quoted-printable',
    () => `${file('f', 'a')}\r\nContent-Transfer-Encoding: quoted-printable`,
    'transfer-encoding-not-supported',
  ),
  refusedHead('part head of 17 KiB', () => `${field('f')}\r\nX: ${'y'.repeat(17 * 1024)}`, 'part-header-too-long'),
  refusedHead(
    'part head of 33 lines',
    () => `${field('f')}${'\r\nX-Y: z'.repeat(32).replaceAll('X-Y', () => `X-${count++}`)}`,
    'part-header-too-long',
  ),
  refusedHead('field name of 201 bytes', () => field('n'.repeat(201)), 'field-too-long'),
  kind(
    'preamble of 9 KiB',
    () => ({ body: body => `${'p'.repeat(9 * 1024)}\r\n${body}`, refused: 'malformed-multipart' }),
    10,
  ),
  kind(
    '1,001 parts',
    () => ({
      parts: Array.from({ length: 1001 }, (_, n) => ({ name: `n${n}`, content: 'x' })),
      refused: 'too-many-parts',
    }),
    100,
  ),
  kind('no boundary parameter', () => ({ contentType: 'multipart/form-data', refused: 'missing-boundary' })),
  kind('two boundary parameters, the first one used', random => {
    const boundary = boundaryWord(random)
    return {
      boundary,
      contentType: `multipart/form-data; boundary=${boundary}; boundary=zz-`,
      refused: 'malformed-multipart',
    }
  }),
  kind('two boundary parameters, the last one used', random => {
    const boundary = boundaryWord(random)
    return {
      boundary,
      contentType: `multipart/form-data; boundary=zz-; boundary=${boundary}`,
      refused: 'malformed-multipart',
    }
  }),
  kind('boundary of 71 to 252 letters', random => ({
    boundary: 'z'.repeat(71 + random.below(182)),
    refused: 'malformed-multipart',
  })),
  kind('boundary of 253 to 300 letters', random => ({
    boundary: 'z'.repeat(253 + random.below(48)),
    refused: 'malformed-multipart',
  })),
  kind('boundary with letters RFC 2046 forbids', random => {
    const boundary = `a${random.pick(['*', '#', '$', '{', '~'])}b`
    return { boundary, contentType: `multipart/form-data; boundary="${boundary}"`, refused: 'malformed-multipart' }
  }),
  kind('another multipart type', random => {
    const boundary = boundaryWord(random)
    return { boundary, contentType: `multipart/mixed; boundary=${boundary}`, refused: 'unsupported-media-type' }
  }),
]

let count = 0

export const classes: readonly BodyClass[] = [...readClasses, ...refusedClasses]
