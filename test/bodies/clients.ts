/** What clients send, written down byte for byte. */
import { type BodyFixture, good } from './fixture.ts'

const webkit = '----WebKitFormBoundary7MA4YWxkTrZu0gW9'
const gecko = '----geckoformboundary8f1b5a0e3f6d2c94e7a1b0c3d5e6f708'
const oldGecko = '---------------------------9051914041544843365972754266'
const curl = '------------------------d74496d66958873e'
const undici = '----formdata-undici-069453812707'

export const clientBodies: readonly BodyFixture[] = [
  good(
    'Chromium: one field and one file',
    `--${webkit}\r\nContent-Disposition: form-data; name="note"\r\n\r\nGrüße\r\n--${webkit}\r\n` +
      'Content-Disposition: form-data; name="file"; filename="photo.png"\r\nContent-Type: image/png\r\n\r\n' +
      `\x89PNG\r\n\x1a\n\r\n--${webkit}--\r\n`,
    [
      { name: 'note', content: 'Grüße' },
      { name: 'file', filename: 'photo.png', type: 'image/png', content: '\x89PNG\r\n\x1a\n' },
    ],
    { boundary: webkit },
  ),
  good(
    'Chromium: a name with umlauts, emoji, quotes and a line break',
    `--${webkit}\r\nContent-Disposition: form-data; name="file"; filename="Ärger %22quoted%22 😀%0D%0Ax%25.txt"\r\n` +
      `Content-Type: text/plain\r\n\r\nhello\r\n--${webkit}--\r\n`,
    [{ name: 'file', filename: 'Ärger "quoted" 😀\r\nx%25.txt', type: 'text/plain', content: 'hello' }],
    { boundary: webkit },
  ),
  good(
    'Chromium: a form without script and with no file chosen',
    `--${webkit}\r\nContent-Disposition: form-data; name="file"; filename=""\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n\r\n--${webkit}--\r\n`,
    [{ name: 'file', filename: '', type: 'application/octet-stream', content: '' }],
    { boundary: webkit },
  ),
  good('Chromium: an empty FormData', `--${webkit}--\r\n`, [], { boundary: webkit }),
  good(
    'Firefox: a file of unknown type, its name in raw UTF-8',
    `--${gecko}\r\nContent-Disposition: form-data; name="file"; filename="日本語 (1).bin"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n\0\x01\x02\r\n--${gecko}--\r\n`,
    [{ name: 'file', filename: '日本語 (1).bin', type: 'application/octet-stream', content: '\0\x01\x02' }],
    { boundary: gecko },
  ),
  good(
    'older Firefox: a boundary of many dashes and digits',
    `--${oldGecko}\r\nContent-Disposition: form-data; name="a"\r\n\r\n--\r\n--${oldGecko}\r\n` +
      `Content-Disposition: form-data; name="b"\r\n\r\n-----------------------------\r\n--${oldGecko}--\r\n`,
    [
      { name: 'a', content: '--' },
      { name: 'b', content: '-----------------------------' },
    ],
    { boundary: oldGecko },
  ),
  good(
    'Dropzone: uploadMultiple with file[0] and file[1]',
    `${[0, 1]
      .map(
        n =>
          `--${webkit}\r\nContent-Disposition: form-data; name="file[${n}]"; filename="${n}.txt"\r\n` +
          `Content-Type: text/plain\r\n\r\ncontent ${n}\r\n`,
      )
      .join('')}--${webkit}--\r\n`,
    [
      { name: 'file[0]', filename: '0.txt', type: 'text/plain', content: 'content 0' },
      { name: 'file[1]', filename: '1.txt', type: 'text/plain', content: 'content 1' },
    ],
    { boundary: webkit },
  ),
  good(
    'Dropzone: a chunk with its six fields',
    [
      ['dzuuid', '5f8c5d0e-5b5b-4f0b-9f0b-1a2b3c4d5e6f'],
      ['dzchunkindex', '1'],
      ['dztotalfilesize', '10'],
      ['dzchunksize', '4'],
      ['dztotalchunkcount', '3'],
      ['dzchunkbyteoffset', '4'],
    ]
      .map(([name, value]) => `--${webkit}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('') +
      `--${webkit}\r\nContent-Disposition: form-data; name="file"; filename="ten.bin"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n4567\r\n--${webkit}--\r\n`,
    [
      { name: 'dzuuid', content: '5f8c5d0e-5b5b-4f0b-9f0b-1a2b3c4d5e6f' },
      { name: 'dzchunkindex', content: '1' },
      { name: 'dztotalfilesize', content: '10' },
      { name: 'dzchunksize', content: '4' },
      { name: 'dztotalchunkcount', content: '3' },
      { name: 'dzchunkbyteoffset', content: '4' },
      { name: 'file', filename: 'ten.bin', type: 'application/octet-stream', content: '4567' },
    ],
    { boundary: webkit },
  ),
  good(
    'curl -F with a type parameter',
    `--${curl}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n` +
      `Content-Type: Text/Plain; charset=UTF-8\r\n\r\nhello\n\r\n--${curl}--\r\n`,
    [{ name: 'file', filename: 'a.txt', type: 'text/plain', content: 'hello\n' }],
    { boundary: curl },
  ),
  good(
    'older curl: a quote written as \\"',
    `--${curl}\r\nContent-Disposition: form-data; name="file"; filename="say \\"hi\\".txt"\r\n\r\nx\r\n--${curl}--\r\n`,
    [{ name: 'file', filename: 'say "hi".txt', content: 'x' }],
    { boundary: curl },
  ),
  good(
    'undici: no line end after the close delimiter',
    `--${undici}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${undici}--`,
    [{ name: 'a', content: '1' }],
    { boundary: undici },
  ),
  good(
    "Python requests: no type, header order turned round, another client's extra header",
    '--3f2a\r\nX-Extra: 1\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; filename="a.csv"; name="file"\r\n' +
      '\r\na,b\r\n1,2\r\n\r\n--3f2a--\r\n',
    [{ name: 'file', filename: 'a.csv', type: 'text/csv', content: 'a,b\r\n1,2\r\n' }],
    { boundary: '3f2a' },
  ),
  good(
    'an old mobile client: Content-Transfer-Encoding: binary and Content-Length',
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Transfer-Encoding: binary\r\n' +
      'Content-Length: 3\r\n\r\nabc\r\n--x--\r\n',
    [{ name: 'file', filename: 'a', content: 'abc' }],
    { boundary: 'x' },
  ),
]
