/** Bodies about the headers of a part. */
import { B, type BodyFixture, bad, field, file, form, good } from './fixture.ts'

const malformed = 'malformed-multipart'

/** One part with this header block and the content `x`. */
function refused(title: string, head: string, code: Parameters<typeof bad>[2] = malformed): BodyFixture {
  return bad(`head: ${title}`, form([head, 'x']), code)
}

/** One file with this Content-Disposition, and the name that must come out. */
function named(title: string, parameters: string | Buffer, name: string, filename?: string): BodyFixture {
  const head = Buffer.concat([Buffer.from('Content-Disposition: form-data'), Buffer.from(parameters as string)])
  return good(
    `name: ${title}`,
    Buffer.concat([Buffer.from(`--${B}\r\n`), head, Buffer.from(`\r\n\r\nx\r\n--${B}--\r\n`)]),
    [filename === undefined ? { name, content: 'x' } : { name, filename, content: 'x' }],
  )
}

export const headBodies: readonly BodyFixture[] = [
  named(
    'exactly three percent escapes',
    '; name="%22%0d%0A%41%00%"; filename="a%2522%0D%0A.txt"',
    '"\r\n%41%00%',
    'a%2522\r\n.txt',
  ),
  named('an escaped quote', '; name="a\\"b"; filename="\\"c\\""', 'a"b', '"c"'),
  named('backslashes', '; name="f"; filename="C:\\fakepath\\x.txt"', 'f', 'C:\\fakepath\\x.txt'),
  named('a backslash at the end', '; name="f"; filename="dir\\"', 'f', 'dir\\'),
  named('a semicolon and a quote inside quotes', '; name="a;b"; filename="x\\"; y.txt"', 'a;b', 'x"; y.txt'),
  named('raw UTF-8', '; name="größe"; filename="😀.txt"', 'größe', '😀.txt'),
  named('Latin-1 bytes', Buffer.from('; name="f"; filename="\xe4\xff.txt"', 'latin1'), 'f', '\ufffd\ufffd.txt'),
  named('half a character', Buffer.from('; name="f"; filename="\xf0\x9f\x98"', 'latin1'), 'f', '\ufffd'),
  named('tokens without quotes', '; name=file[0]; filename=a.txt', 'file[0]', 'a.txt'),
  named('capital parameter names', '; NAME="f"; FileName="a"', 'f', 'a'),
  named('no space, many spaces, tabs, empty parameters', ';name="f";;  ;\t filename="a" ; ', 'f', 'a'),
  named('filename* beside filename', `; name="f"; filename="a.txt"; filename*=UTF-8''a.exe`, 'f', 'a.txt'),
  named('filename* before filename', `; name="f"; filename*=UTF-8''a.exe; filename="a.txt"`, 'f', 'a.txt'),
  named('filename* alone is a field', `; name="f"; filename*=UTF-8''a.txt`, 'f'),
  named(
    'filename* with bad percent and unknown charset',
    `; name="f"; filename*=klingon''a%ZZ%FF%; filename="a"`,
    'f',
    'a',
  ),
  named('traversal is left to the storage', '; name="f"; filename="../../etc/passwd"', 'f', '../../etc/passwd'),
  named('control characters', '; name="f"; filename="a\x01\x1b\x7f.txt"', 'f', 'a\x01\x1b\x7f.txt'),
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__.x',
    'constructor[prototype][x]',
    'a[4294967294]',
  ].map(name => named(name, `; name="${name}"; filename="${name}"`, name, name)),
  named('200 bytes', `; name="${'ä'.repeat(100)}"`, 'ä'.repeat(100)),
  good(
    'head: headers named like inherited members',
    form([`__proto__: 1\r\nconstructor: 2\r\nhasOwnProperty:\r\n${field('a')}`, 'x']),
    [{ name: 'a', content: 'x' }],
  ),
  good('head: capitals and no space after the colon', form(['CONTENT-DISPOSITION:FORM-DATA;name="a"', 'x']), [
    { name: 'a', content: 'x' },
  ]),
  ...['7bit', '8BIT', 'binary', 'Binary '].map(encoding =>
    good(
      `head: Content-Transfer-Encoding ${encoding}`,
      form([`${field('a')}\r\nContent-Transfer-Encoding: ${encoding}`, 'x']),
      [{ name: 'a', content: 'x' }],
    ),
  ),
  ...['base64', 'quoted-printable', '', 'binary, base64'].map(encoding =>
    refused(
      `Content-Transfer-Encoding ${encoding}`,
      `${field('a')}\r\nContent-Transfer-Encoding: ${encoding}`,
      'transfer-encoding-not-supported',
    ),
  ),
  bad('head: none at all', `--${B}\r\n\r\nx\r\n--${B}--\r\n`, 'part-without-name'),
  refused('no Content-Disposition', 'Content-Type: text/plain', 'part-without-name'),
  refused('no name', 'Content-Disposition: form-data; filename="a"', 'part-without-name'),
  refused('an empty name', 'Content-Disposition: form-data; name=""', 'part-without-name'),
  refused('an empty name without quotes', 'Content-Disposition: form-data; name=', 'part-without-name'),
  refused('another disposition', 'Content-Disposition: attachment; name="a"'),
  refused('an empty disposition', 'Content-Disposition:'),
  refused('two Content-Dispositions', `${field('a')}\r\n${field('a')}`),
  refused('two Content-Dispositions in other letters', `${field('a')}\r\ncontent-disposition: form-data; name="b"`),
  refused('two names', `${field('a')}; name="a"`),
  refused('two names in other letters', `${field('a')}; NAME="b"`),
  refused('two filenames', `${file('f', 'a.txt').split('\r\n')[0]}; filename="a.exe"`),
  refused('two Content-Types', `${file('f', 'a')}\r\nContent-Type: text/html`),
  refused('an unclosed quote', 'Content-Disposition: form-data; name="a'),
  refused('a filename with a space and no quotes', 'Content-Disposition: form-data; name="a"; filename=a b.txt'),
  refused('letters after a quoted value', 'Content-Disposition: form-data; name="a"b'),
  refused('a parameter without a value', 'Content-Disposition: form-data; name'),
  refused('a quote inside a token', 'Content-Disposition: form-data; name=a"b"'),
  refused('spaces around the equals sign', 'Content-Disposition: form-data; name = "a"'),
  refused('garbage', 'Content-Disposition: ;;;=;"";='),
  refused('a line without a colon', `${field('a')}\r\nhello`),
  refused('a line without a name', `${field('a')}\r\n: hello`),
  refused('a space before the colon', 'Content-Disposition : form-data; name="a"'),
  refused('a header name that is not ASCII', `${field('a')}\r\nGröße: 1`),
  refused('a folded line', 'Content-Disposition: form-data;\r\n name="a"'),
  refused('a line folded with a tab', 'Content-Disposition: form-data;\r\n\tname="a"'),
  refused('a first line that begins with a space', ` ${field('a')}`),
  refused('a bare CR', 'Content-Disposition: form-data; name="a\rb"'),
  refused('a bare LF', 'Content-Disposition: form-data; name="a\nb"'),
  refused('a bare LF as the line end', `${field('a')}\nContent-Type: text/plain`),
  refused('a CR before the CRLF', `${field('a')}\r`),
  refused('NUL in a value', 'Content-Disposition: form-data; name="a"; filename="a\0.txt"'),
  refused('NUL at a line start', `${field('a')}\r\n\0x: 1`),
]
