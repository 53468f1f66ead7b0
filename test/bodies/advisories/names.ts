/** Names, paths and values that two readers read in two ways. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, gives, isRefused, onePart, reads, refuses, request } from './fixture.ts'

const cleaned = 'What is shown and stored is the cleaned last segment of the name; the storage picks the path.'
const id = 'An id has 22 to 64 letters, digits, - or _, checked before anything is looked up.'

export const nameAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2026-74866', 'GHSA-gxm5-99cw-xjw9'],
    peer: '@fastify/busboy',
    mechanism: 'a bare CR or LF in a name, and %0D in filename*',
    decision: 'Bare CR, LF and NUL in a header are refused; filename* is not read in forms.',
    inputs: [
      refuses('CR in the name', onePart(field('a\rb')), 'malformed-multipart'),
      refuses('LF in the name', onePart(field('a\nb')), 'malformed-multipart'),
      refuses('CR in the file name', onePart(`${field('f')}; filename="a\rb"`), 'malformed-multipart'),
      refuses('LF in the file name', onePart(`${field('f')}; filename="a\nb"`), 'malformed-multipart'),
      reads('%0D in filename*', onePart(`${field('f')}; filename="a"; filename*=UTF-8''b%0D%0Ac`), [
        { name: 'f', filename: 'a', content: 'x' },
      ]),
      gives('file-name', 'a\r\nb.txt', 'ab.txt', 'line ends that browsers escape, as a stored name'),
    ],
  },
  {
    ids: ['CVE-2026-26962'],
    peer: 'Rack',
    mechanism: 'a folded file name keeps its CRLF',
    decision: 'Folded lines are refused (RFC 9112 section 5.2).',
    inputs: [
      refuses('folded before filename', onePart(`${field('f')};\r\n filename="a"`), 'malformed-multipart'),
      refuses('folded inside filename', onePart(`${field('f')}; filename="a\r\n b"`), 'malformed-multipart'),
    ],
  },
  {
    ids: ['CVE-2022-44572'],
    peer: 'Rack',
    mechanism: 'control characters in a name',
    decision: 'They are no syntax; they go before a name is shown or stored, and in every line of the log.',
    inputs: [
      reads('controls in a file name', onePart(`${field('f')}; filename="a\x01\x1b[31m\x7f.txt"`), [
        { name: 'f', filename: 'a\x01\x1b[31m\x7f.txt', content: 'x' },
      ]),
      gives('file-name', 'a\x01\x1b[31m\x7f.txt', 'a[31m.txt', 'controls in a stored name'),
    ],
    elsewhere: [['test/threats/connection-rows.test.ts', 'row: 38,']],
  },
  {
    ids: ['CVE-2026-53537', 'GHSA-vffw-93wf-4j4q'],
    peer: 'python-multipart',
    mechanism: 'filename and filename* say two things',
    decision: 'filename* is not read in forms (RFC 7578 section 4.2); a raw upload has RFC 6266, where filename* wins.',
    inputs: [
      reads('filename, then filename*', onePart(`${field('f')}; filename="a.txt"; filename*=UTF-8''a.exe`), [
        { name: 'f', filename: 'a.txt', content: 'x' },
      ]),
      reads('filename*, then filename', onePart(`${field('f')}; filename*=UTF-8''a.exe; filename="a.txt"`), [
        { name: 'f', filename: 'a.txt', content: 'x' },
      ]),
      gives('disposition', `attachment; filename="a.txt"; filename*=UTF-8''a.exe`, 'a.exe'),
      gives('disposition', `attachment; filename="a.txt"; filename*=UTF-8''a%ZZ`, 'a.txt'),
      gives('disposition', `attachment; filename="a.txt"; filename="b.txt"`, null),
    ],
  },
  {
    ids: ['CVE-2026-26961'],
    peer: 'Rack',
    mechanism: 'two boundary parameters: a filter in front reads the other one',
    decision: 'A parameter that comes twice is refused, and so is boundary* of RFC 2231.',
    inputs: [
      'boundary=a; boundary=b',
      'boundary=a; BOUNDARY=a',
      "boundary=a; boundary*=UTF-8''b",
      'boundary*0=a; boundary*1=b',
    ].map(rest => isRefused('content-type', `multipart/form-data; ${rest}`, 'malformed-multipart')),
  },
  {
    ids: ['CVE-2026-53538'],
    peer: 'python-multipart',
    mechanism: '; separates the fields of an urlencoded body, which filters in front do not know',
    decision: 'Urlencoded bodies carry no files and are refused unread; in a form a ; inside quotes is a letter.',
    inputs: [
      gives(
        'request',
        request('POST', '/uploads', ['Content-Type: application/x-www-form-urlencoded'], 'a=1;b=2'),
        '415 Expected multipart/form-data.',
        'a=1;b=2',
      ),
      reads('a ; in quotes', onePart(field('a;name=b')), [{ name: 'a;name=b', content: 'x' }]),
    ],
  },
  {
    ids: ['CVE-2024-8925'],
    peer: 'PHP',
    mechanism: 'data is lost after a part of a boundary',
    decision: 'What can not be a delimiter is content, byte for byte.',
    inputs: [
      ...[`\r\n--${B.slice(0, -1)}`, `\r\n--${B}x`, `\r\n--${B}-`, `\r\n--${B} x`].map(middle =>
        reads(JSON.stringify(middle), form([file('f', 'a'), `before${middle}after`]), [
          { name: 'f', filename: 'a', type: 'application/octet-stream', content: `before${middle}after` },
        ]),
      ),
    ],
  },
  {
    ids: ['CVE-2026-21440', 'GHSA-gvq6-hvvp-h34h', 'CVE-2026-24486', 'GHSA-wp53-j4wj-2cfg', 'CVE-2021-23772'],
    peer: 'Adonis, python-multipart, iris',
    mechanism: 'a name that leads out of the folder',
    decision: cleaned,
    inputs: [
      gives('file-name', '../../x', 'x'),
      gives('file-name', '/abs', 'abs'),
      gives('file-name', 'C:\\x', 'x'),
      gives('file-name', '..', 'file'),
      gives('file-name', '.', 'file'),
      gives('file-name', '', 'file'),
      gives('file-name', '..%2fx', '__x'),
      gives('file-name', '..%5Cx', '__x'),
      gives('file-name', '．．／x', '__x'),
      isRefused('file-name', 'a\0.txt', 'name-not-allowed', 'NUL'),
      isRefused('file-name', 'a%00.txt', 'name-not-allowed'),
    ],
  },
  {
    ids: ['GHSA-x8wj-6m73-gfqp'],
    peer: 'OneupUploaderBundle',
    mechanism: 'the id of a chunked upload is a path',
    decision: 'An id of Dropzone is a UUID, and where its bytes lie is a digest of it and its owner.',
    elsewhere: [['test/unit/sansio/dropzone/chunk.test.ts', "'../x'"]],
    inputs: [gives('upload-id', '../../../../etc/passwd', false), gives('upload-id', 'a'.repeat(22), true)],
  },
  {
    ids: ['GHSA-c9pp-p9r3-vv86'],
    peer: 'fastify-multipart',
    mechanism: 'a stream of NTFS',
    decision: cleaned,
    inputs: [gives('file-name', 'a.txt:s', 'a.txt_s'), gives('file-name', 'a.txt::$DATA', 'a.txt__$DATA')],
  },
  {
    ids: ['GHSA-hgf8-39gv-g3f2', 'GHSA-87hc-h4r5-73f7', 'GHSA-29vq-49wr-vm6x'],
    peer: 'Werkzeug',
    mechanism: 'names that Windows keeps for devices',
    decision: cleaned,
    inputs: [
      gives('file-name', 'CON', '_CON'),
      gives('file-name', 'nul.txt ', '_nul.txt'),
      gives('file-name', 'a/CON', '_CON'),
      gives('file-name', 'COM¹.txt', '_COM¹.txt'),
      gives('file-name', 'CONIN$', '_CONIN$'),
    ],
  },
  {
    ids: ['CVE-2022-29622', 'CVE-2025-46653', 'GHSA-75v8-2h7p-7m2m'],
    peer: 'formidable',
    mechanism: 'names kept as sent, or guessable ones',
    decision: `${cleaned} Ids and random names have 128 bits of good randomness.`,
    inputs: [gives('file-name', 'x.html/../../y', 'y')],
    elsewhere: [['test/threats/names-rows.test.ts', 'row: 46,']],
  },
  {
    ids: ['CVE-2022-29623', 'CVE-2022-27140', 'CVE-2022-27261'],
    peer: 'connect-multiparty, express-fileupload',
    mechanism: 'a file is overwritten by the name a client sends',
    decision: 'Nothing is ever overwritten: the second of a name is numbered or refused.',
    elsewhere: [['test/threats/names-rows.test.ts', 'row: 46,']],
  },
  {
    ids: ['koa-body#75', '@fastify/multipart fix-json-body-file-confusion'],
    peer: 'koa-body, @fastify/multipart',
    mechanism: 'a JSON body that looks like parsed files: {"files":[{"path":…}]}',
    decision: 'Only what was received as a file is one; a JSON body is no upload.',
    inputs: [
      gives(
        'request',
        request(
          'POST',
          '/uploads',
          ['Content-Type: application/json'],
          '{"files":[{"path":"/etc/passwd","name":"x"}]}',
        ),
        '415 Expected multipart/form-data.',
        'a JSON body with files',
      ),
      reads('a field called files', form([field('files'), '[{"path":"/etc/passwd"}]']), [
        { name: 'files', content: '[{"path":"/etc/passwd"}]' },
      ]),
    ],
  },
  {
    ids: ['CVE-2023-49090', 'CVE-2024-29034', 'CVE-2026-44587'],
    peer: 'CarrierWave',
    mechanism: 'an allow-list of types compared by prefix or regular expression',
    decision: 'A declared type is one essence, compared whole.',
    inputs: [
      ...['text/html;image/png', 'image/png,text/html', 'text/html, image/png', 'image/', 'ximage/png'].map(type =>
        gives('declared-type', type, false),
      ),
      gives('declared-type', 'image/png; charset=utf-8', true),
      gives('declared-type', 'IMAGE/PNG', true),
    ],
  },
  {
    ids: ['tus-node d2489f2 (2.4.3)'],
    peer: '@tus/server',
    mechanism: 'an upload id with an encoded slash, dots or NUL',
    decision: id,
    inputs: [
      ...['..%2f..%2fetc%2fpasswd', '%2e%2e', 'a%00b', 'x'.repeat(65), `${'x'.repeat(22)}%2f..`].map(path =>
        gives(
          'request',
          request('HEAD', `/uploads/${path}`, ['Tus-Resumable: 1.0.0']),
          '404 ',
          `HEAD /uploads/${path.slice(0, 40)}`,
        ),
      ),
      ...['../x', '..%2fx', 'a\0b', 'x'.repeat(21), 'x'.repeat(65)].map(text => gives('upload-id', text, false)),
    ],
  },
  {
    ids: ['tuspyserver#93'],
    peer: 'tuspyserver',
    mechanism: 'Upload-Concat with ../',
    decision: 'Each part of a concatenation must be the URL of an upload of ours, with a whole id.',
    inputs: [
      'final;/uploads/../../etc/passwd',
      `final;/uploads/${'x'.repeat(22)}/../y`,
      `final;/uploads/${'x'.repeat(22)} ../y`,
      `final;http://elsewhere.example/uploads/${'x'.repeat(22)}`,
      `final;/uploads/${'x'.repeat(22)}%2f..`,
      'final;',
      'partial;',
    ].map(text => isRefused('upload-concat', text, 'invalid-concat')),
  },
]
