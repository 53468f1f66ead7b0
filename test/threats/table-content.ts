/** Rows 39 to 57: names, what is in files, and files that go out again. */
import type { TestRef, Threat } from './table.ts'

const names = (row: number): TestRef => ['threats/names-rows.test.ts', `row ${row}:`]
const content = (row: number): TestRef => ['threats/content-rows.test.ts', `row ${row}:`]

const clean = 'src/sansio/filename/clean.ts'
const zip = 'src/inspectors/zip/limit.ts'

export const contentThreats: readonly Threat[] = [
  {
    row: 39,
    threat: 'Names that climb: `../`, drives, network shares, encoded or not',
    answer: '201; the last component, cleaned, in the folder',
    tests: [names(39)],
    guard: {
      file: clean,
      text: "visible.slice(Math.max(visible.lastIndexOf('/'), visible.lastIndexOf('\\\\')) + 1)",
      replacement: 'visible',
    },
  },
  {
    row: 40,
    threat: 'Upload ids that climb',
    answer: '404 Upload not found. Nothing outside is looked at',
    tests: [
      names(40),
      ['integration/adapters/prepare-server.test.ts', 'dot segments are 404 before anybody builds a URL'],
    ],
    guard: {
      file: 'src/adapters/node-bridge/request.ts',
      text: '/^(?:\\.|%2e){1,2}$/i.test(segment)',
      replacement: "segment === '\\0'",
      test: 1,
    },
  },
  {
    row: 41,
    threat: 'NUL in a name, raw or encoded',
    answer: '400 The file name is not allowed.',
    tests: [names(41)],
    guard: { file: clean, text: "if (nul.test(name)) throw new UploadError('name-not-allowed')", replacement: '' },
  },
  {
    row: 42,
    threat: 'Names that mean something to Windows',
    answer: '201; cleaned, the same on every system',
    tests: [names(42)],
    guard: { file: clean, text: 'isReserved(trimmed) ?', replacement: "trimmed === '' ?" },
  },
  {
    row: 43,
    threat: 'Names in another form of Unicode, with letters that turn around or cannot be seen',
    answer: '201; NFC, nothing invisible, and checked after the last change',
    tests: [names(43)],
    guard: { file: clean, text: ".replace(invisible, '')", replacement: '' },
  },
  {
    row: 44,
    threat: 'Names of more than 255 bytes',
    answer: '201; cut at a whole letter, with the extension',
    tests: [names(44)],
    guard: { file: clean, text: 'if (utf8Length(name) <= maxNameBytes) return name', replacement: 'return name' },
  },
  {
    row: 45,
    threat: 'Scripts in disguise: `shell.php.jpg`, `.htaccess`',
    answer: '415 This file type is not allowed. Files are 0600, folders 0700',
    tests: [names(45)],
    guard: {
      file: 'src/sansio/policy/accept.ts',
      text: 'return inner.some(part => runsAnywhere.test(part) && !isAcceptedItself(part))',
      replacement: 'return inner.length < 0 && inner.some(isAcceptedItself)',
    },
  },
  {
    row: 46,
    threat: 'Two uploads of one name',
    answer: '201 for both; the second gets a number, nothing is ever overwritten',
    tests: [names(46)],
    guard: {
      file: 'src/storages/disk/place.ts',
      text: 'await fs.link(temporary, final)',
      replacement: 'await fs.rename(temporary, final)',
    },
  },
  {
    row: 47,
    threat: 'A link planted where a file goes',
    answer: '500 The file could not be saved. Under a final name: passed over, as any taken name',
    tests: [names(47)],
    guard: {
      file: 'src/storages/disk/folder.ts',
      text: 'hold(join(self, temporaryFolder), noFollow)',
      replacement: 'hold(join(self, temporaryFolder), 0)',
    },
  },
  {
    row: 48,
    threat: 'The folder is swapped for a link in a race',
    answer: '500 The file could not be saved. Nothing goes outside (Linux: through the descriptor)',
    tests: [['faults/disk-full.test.ts', 'row 48: a store swapped for a link in a race leads nobody outside']],
    guard: {
      file: 'src/storages/disk/folder.ts',
      text: '? link : path',
      replacement: '? path : link',
    },
  },
  {
    row: 49,
    threat: 'Content, extension and declared type do not agree',
    answer:
      "415 The file's content does not match its type. Where the policy has a list of types, or `content: 'match'`",
    tests: [content(49), ['integration/content/wires.test.ts', 'tus: in one piece, and in pieces too small to tell']],
    guard: {
      file: 'src/sansio/policy/content.ts',
      text: "if (!fitsClaims(claims, found)) return new UploadError('content-mismatch')",
      replacement: '',
    },
  },
  {
    row: 50,
    threat: 'SVG or HTML that runs script when it is opened',
    answer:
      "200 as attachment, `nosniff`, `Content-Security-Policy: sandbox; default-src 'none'`; inline for a short list only",
    tests: [
      ['integration/downloads/answers.test.ts', 'a file goes out whole, as an attachment that cannot run'],
      ['browser/downloads.test.ts', 'runs nothing in any element of a page'],
      ['browser/downloads.test.ts', 'runs nothing as a page of its own'],
    ],
    guard: {
      file: 'src/server/download.ts',
      text: "  'Content-Security-Policy': \"sandbox; default-src 'none'\",",
      replacement: '',
    },
  },
  {
    row: 51,
    threat: 'Files that are two things at once',
    answer: '415 under the name of their other half; what is kept goes out as in row 50',
    tests: [
      content(51),
      ['browser/downloads.test.ts', 'is live: each of the seventeen runs its script'],
      ['browser/downloads.test.ts', 'runs nothing in a page of another origin'],
    ],
    guard: {
      file: 'src/sansio/policy/content.ts',
      text: "if (!fitsClaims(claims, found)) return new UploadError('content-mismatch')",
      replacement: '',
    },
  },
  {
    row: 52,
    threat: 'Zip bombs: ratio, overlap, nesting, sizes that lie',
    answer: '413 The archive expands to too much data. (`zipLimit`)',
    tests: [content(52), ['unit/inspectors/zip.test.ts', 'the shape of 42.zip']],
    guard: {
      file: zip,
      text: 'if (isTooBig(entries, file.size, limits)) throw',
      replacement: 'if (file.size < 0) throw',
    },
  },
  {
    row: 53,
    threat: 'Archives whose entries lead out of the folder, or are links',
    answer: '415 The archive has unsafe paths. (`zipLimit`)',
    tests: [content(53)],
    guard: { file: zip, text: 'entries.some(isUnsafe) || ', replacement: '' },
  },
  {
    row: 54,
    threat: 'Pictures of 30,000 by 30,000 pixels in a few bytes',
    answer: '413 The image is too large (30000 x 30000 pixels). (`imageLimit`; only headers are read)',
    tests: [content(54)],
    guard: {
      file: 'src/inspectors/image.ts',
      text: 'if (width * height <= maxPixels && Math.max(width, height) <= maxSide) return',
      replacement: 'if (maxPixels > 0 && maxSide > 0) return',
    },
  },
  {
    row: 55,
    threat: 'A check that never ends',
    answer: '500 The file could not be checked. After 5 s; the server goes on meanwhile',
    tests: [content(55), ['unit/inspectors/file-type.test.ts', 'row 55: an endless loop ends after its time']],
    guard: { file: 'src/upload/inspect.ts', text: 'Promise.race([asked, late])', replacement: 'Promise.race([asked])' },
  },
  {
    row: 56,
    threat: 'A virus; a scanner that does not answer',
    answer: '422 The file was rejected by the virus scanner. / 503 The virus scanner is not available. (`clamav`)',
    tests: [content(56), ['unit/inspectors/clamav.test.ts', 'finds the test file, also within others']],
    guard: {
      file: 'src/inspectors/clamav.ts',
      text: 'if (virus !== undefined) {',
      replacement: 'if (virus !== undefined) return\n      if (virus !== undefined) {',
    },
  },
  {
    row: 57,
    threat: 'A name that writes header lines of its own when the file goes out',
    answer: '`filename` of ASCII and `filename*` of RFC 8187, in one line',
    tests: [
      [
        'unit/sansio/headers/attachment.test.ts',
        'is one header of ASCII for every name, and a client gets the name back',
      ],
    ],
    guard: {
      file: 'src/sansio/headers/attachment.ts',
      text: "name.replace(/[^\\x20-\\x7e]|[\"\\\\%]/gu, '_')",
      replacement: 'name',
    },
  },
]
