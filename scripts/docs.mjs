/**
 * `npm run docs`: writes docs/options.md from the code's own tables of defaults and its docstrings.
 * `--check` writes nothing and fails when the file is not what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { formatSize } from '../src/sansio/bytes/size.ts'
import { dropAreaTexts } from '../src/sansio/dropzone/config.ts'
import { defaultMessages } from '../src/sansio/messages.ts'
import { policyDefaults } from '../src/sansio/policy/define.ts'
import { csrfDefaults } from '../src/server/csrf-options.ts'
import { defaults } from '../src/server/options.ts'
import { root } from './setup.mjs'

const target = join(root, 'docs/options.md')

/** Each table: its heading, a sentence, the interfaces it lists, and the table of defaults where the code has one. */
const sections = [
  {
    title: '`dropgate(options)`',
    text: 'Only `storage` is needed. An unknown name or a wrong value is refused at start-up, in a sentence that names the option, its value and what is allowed.',
    from: [
      ['src/server/types.ts', 'DropgateOptions'],
      ['src/upload/types.ts', 'Hooks'],
    ],
    defaults,
  },
  {
    title: '`policy`',
    text: 'What may come in. The page shows it, the server enforces it. Sizes are text such as `"50 MiB"`, or bytes from 1024 on.',
    from: [['src/sansio/policy/define.ts', 'PolicyOptions']],
    defaults: policyDefaults,
  },
  {
    title: '`dropArea`',
    text: 'What the drop area looks and behaves like. Options of Dropzone keep their names and meanings; functions are given in the browser, with `dropgate.configure()`.',
    from: [['src/sansio/dropzone/options.ts', 'DropAreaOptions']],
    defaults: dropAreaTexts,
  },
  {
    title: '`messages`',
    text: 'What people read. The three refusals of a file are said by the page and the server alike. All are plain text.',
    from: [['src/sansio/messages.ts', 'Messages']],
    defaults: defaultMessages,
  },
  {
    title: '`csrf`',
    text: 'Also the options of `csrf()` from `dropgate/csrf`. `csrf: false` switches all checks off.',
    from: [['src/server/csrf-options.ts', 'CsrfOptions']],
    defaults: csrfDefaults,
  },
  {
    title: '`cors`',
    text: 'Pages of other origins that may use the endpoint, cookies included.',
    from: [['src/server/cors.ts', 'CorsOptions']],
  },
  {
    title: '`downloads`',
    text: 'Files given out by signed URLs; see [serving files back](guide.md#serving-files-back).',
    from: [['src/server/types.ts', 'DownloadsOptions']],
  },
  {
    title: '`uploads.download(request, name, options)`, `uploads.downloadUrl(name, options)`',
    text: 'Also the options of `sendDownload(uploads, req, res, name, options)`. `expiresIn` is for `downloadUrl` alone.',
    from: [
      ['src/server/download.ts', 'DownloadOptions'],
      ['src/server/download-url.ts', 'DownloadUrlOptions'],
    ],
  },
  {
    title: '`create(options)`',
    text: 'And all overrides below.',
    from: [['src/html/page.ts', 'CreateOptions']],
  },
  {
    title: '`config(options)`',
    text: 'And all overrides below.',
    from: [
      ['src/html/page.ts', 'ConfigOptions'],
      ['src/html/custom-script.ts', 'CustomScript'],
    ],
  },
  {
    title: 'Overrides for one page',
    text: 'For `create()`, `config()` and `dropArea()`: every option of `dropArea` and every text of `messages`, and these. Limits can only be narrowed.',
    from: [['src/html/overrides.ts', 'PageOverrides']],
  },
  {
    title: '`loadCss(options)` and `loadJs(options)`',
    text: '',
    from: [['src/html/tags.ts', 'LoadOptions']],
  },
  { title: '`style(css, options)`', text: '', from: [['src/html/page.ts', 'StyleOptions']] },
  {
    title: '`diskStorage(folder, options)`',
    text: 'From `dropgate/disk`; see [where files go](storage.md).',
    from: [['src/storages/disk/storage.ts', 'DiskStorageOptions']],
  },
  {
    title: '`imageLimit(options)`',
    text: 'From `dropgate/inspect`, for the option `inspectors`; see [looking through whole files](guide.md#look-through-whole-files).',
    from: [['src/inspectors/image.ts', 'ImageLimitOptions']],
  },
  {
    title: '`zipLimit(options)`',
    text: 'From `dropgate/inspect`.',
    from: [['src/inspectors/zip/limit.ts', 'ZipLimitOptions']],
  },
  {
    title: '`clamav(options)`',
    text: 'From `dropgate/inspect`.',
    from: [['src/inspectors/clamav.ts', 'ClamavOptions']],
  },
  {
    title: '`fileType(options)`',
    text: 'From `dropgate/inspect`. Needs the package `file-type`.',
    from: [['src/inspectors/file-type.ts', 'FileTypeOptions']],
  },
  {
    title: '`csrfProtect(csrf, options)`',
    text: 'From `dropgate/express`. And all options of `expressUploads` below, for the forms that are read here.',
    from: [
      ['src/server/protect.ts', 'ProtectOptions'],
      ['src/adapters/express/csrf.ts', 'CsrfProtectOptions'],
    ],
  },
  {
    title: '`protectFetch(csrf, handle, options)`',
    text: 'From `dropgate/fetch`.',
    from: [
      ['src/server/protect.ts', 'ProtectOptions'],
      ['src/adapters/fetch.ts', 'ProtectFetchOptions'],
    ],
  },
  {
    title:
      '`expressUploads(uploads, options)`, `receiveFiles(uploads, handler, options)`, `nodeUploads(uploads, options)`',
    text: 'From `dropgate/express` and `dropgate/node`. Also those of `uploadErrors(uploads, options)` and `readText(req, res, maxBytes, options)`.',
    from: [['src/adapters/node-bridge/limits.ts', 'BridgeOptions']],
  },
  {
    title: '`uploadMetrics(client, options)`',
    text: 'From `dropgate/metrics`; see [what it tells](guide.md#what-it-tells).',
    from: [['src/adapters/metrics.ts', 'MetricsOptions']],
  },
  {
    title: '`prepareServer(server, options)`',
    text: 'From `dropgate/node`.',
    from: [['src/adapters/node-bridge/prepare-server.ts', 'PrepareServerOptions']],
  },
]

const page = [
  '# All options',
  '',
  'Written by `npm run docs` from the code; do not edit. How to use them: [guide](guide.md).',
  '',
  ...sections.flatMap(section),
].join('\n')

if (!process.argv.includes('--check')) writeFileSync(target, page)
else if (readFileSync(target, 'utf8') !== page) {
  console.error('docs/options.md is out of date: run npm run docs.')
  process.exitCode = 1
}

function section({ title, text, from, defaults: known = {} }) {
  const rows = from.flatMap(([file, name]) => membersOf(file, name)).map(member => row(member, known))
  return [
    `## ${title}`,
    '',
    ...(text === '' ? [] : [text, '']),
    '| option | type | default | what for |',
    '|---|---|---|---|',
    ...rows,
    '',
  ]
}

function row({ name, type, text, isOptional }, known) {
  const said = saidDefault(text)
  const standard = name in known ? code(shown(name, known[name])) : isOptional ? said : 'needed'
  // A sentence that says no more than the column beside it.
  const rest = text.replace(/(?<=^|\s)Default:? [^\s.]+(?: [KMG]iB)?\.(?=\s|$)/, '')
  return `| ${[code(name), code(type), standard, cell(rest)].join(' | ')} |`
}

/** The members of an interface, with their docstrings. */
function membersOf(file, name) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found = source.statements.find(node => ts.isInterfaceDeclaration(node) && node.name.text === name)
  if (!found) throw new Error(`${file} has no interface ${name}.`)
  return found.members.map(member => ({
    name: member.name.getText(source),
    type: member.type.getText(source).replaceAll('readonly ', '').replace(/\s+/g, ' '),
    text: ts.getTextOfJSDocComment(member.jsDoc?.at(-1)?.comment) ?? '',
    isOptional: member.questionToken !== undefined,
  }))
}

/** What the docstring says stands where nothing is said. */
function saidDefault(text) {
  const plain = /\bdefault:? (\d[\d,.]* [KMG]iB|\S+?)(?=[.;,:)]?(?:\s|$))/i.exec(text)
  const [, said = ''] = plain ?? /(\S+) \(default\)/.exec(text) ?? []
  return /^[`'"\d]|^(?:true|false|null|Infinity)$/.test(said) ? code(said.replaceAll('`', '')) : ''
}

function shown(name, value) {
  if (typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value))) return ''
  if (Array.isArray(value)) return value.join(', ') || 'everything'
  if (/Size$/.test(name) && Number.isFinite(value)) return formatSize(value)
  return String(value)
}

function code(text) {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``
}

function cell(text) {
  return text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim()
}
