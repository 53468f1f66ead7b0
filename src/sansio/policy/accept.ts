import { OptionError } from '../option-error.ts'
import { isActiveType } from './active.ts'
import { typesOf } from './types.ts'

const topLevel = 'application|audio|chemical|font|haptics|image|message|model|multipart|text|video|x-[a-z0-9-]+'
// restricted-name "/" restricted-name, RFC 6838 section 4.2; no comma, semicolon or space can be part of one.
const essencePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/
const entryPattern = new RegExp(`^(?:${topLevel})/(?:\\*|[a-z0-9][a-z0-9!#$&^_.+-]*)$`)
const extensionPattern = /^(?:\.[^\s.,;:/\\*?"<>|]+)+$/

/** Declared by clients that know nothing about a file. */
const unspecific = ['', 'application/octet-stream', 'binary/octet-stream']

/**
 * Extensions that a web server may hand to an interpreter wherever they stand in a name: Apache's `AddHandler` runs
 * `shell.php.jpg`. Not `pl`, which is Polish in `menu.pl.pdf`.
 * (Source: Apache mod_mime, "Files with Multiple Extensions"; OWASP File Upload Cheat Sheet.)
 */
const runsAnywhere = /^(?:php\d?|phtml|pht|phar|phps|asp|aspx|ashx|asmx|asa|cer|jsp|jspx|jspf|f?cgi|shtml|cfm)$/

/**
 * The type itself: lower case, without parameters.
 *
 * @returns `''` when none was declared, undefined when it is not one type (`'image/png,text/html'`)
 * @example essenceOf('Text/HTML; charset=utf-8') // 'text/html'
 * @see WHATWG MIME Sniffing, "essence"
 */
export function essenceOf(type: string): string | undefined {
  const end = type.indexOf(';')
  const essence = (end < 0 ? type : type.slice(0, end)).trim().toLowerCase()
  return type.trim() === '' || essencePattern.test(essence) ? essence : undefined
}

/**
 * Whether the allow-list lets a file in, by its name and declared type. Like Dropzone's `isValidFile`, and stricter
 * where a sender might cheat, kinder where a browser knows less than we do:
 *
 * - types compare in lower case and without parameters; what is not one type matches no type;
 * - a file without a type, or of `application/octet-stream`, goes by its extension (`photo.heic` from a browser that
 *   never heard of it passes `image/*`), as does one whose type is another name of what the extension says;
 * - otherwise the declared type must be accepted, and if the extension is known, it must be one of an accepted type
 *   too: `x.php` is no image, whatever it declares. Unknown extensions and names without one go by the declared type;
 * - an extension that web servers run (`shell.php.jpg`) must be accepted itself, even before the last one;
 * - a group does not stand for what runs: `image/*` without `.svg`, `text/*` without `.html`. Those have to be named.
 *
 * @param accept from {@link defineAccept}; empty accepts everything
 * @param file the cleaned name, and the type as declared (`''` if none)
 * @example isAccepted(['image/*', '.pdf'], { name: 'a.PDF', type: '' }) // true
 */
export function isAccepted(accept: readonly string[], file: { readonly name: string; readonly type: string }): boolean {
  if (accept.length === 0) return true
  const name = file.name.toLowerCase()
  const suffixes = accept.filter(entry => entry.startsWith('.') && name.endsWith(entry))
  if (suffixes.some(suffix => !hidesScript(accept, name.slice(0, -suffix.length)))) return true
  if (hidesScript(accept, name.slice(0, Math.max(0, name.lastIndexOf('.'))))) return false
  const declared = essenceOf(file.type)
  if (declared === undefined) return false
  const known = typesOf(name)
  const matches = (type: string) => matchesType(accept, type)
  if (!known) return matches(declared)
  if (unspecific.includes(declared) || known.includes(declared)) return matches(known[0] as string) || matches(declared)
  return matches(declared) && known.some(matches)
}

/** Whether a list holds a type, or a group that it belongs to. What runs belongs to none. */
export function matchesType(accept: readonly string[], type: string): boolean {
  return accept.some(
    entry => entry === type || (entry.endsWith('/*') && type.startsWith(entry.slice(0, -1)) && !isActiveType(type)),
  )
}

/** Whether an extension within `stem` (the name before its accepted ending) is one that web servers run. */
function hidesScript(accept: readonly string[], stem: string): boolean {
  const inner = stem.split('.').slice(1)
  const isAcceptedItself = (part: string) =>
    accept.includes(`.${part}`) || (typesOf(`x.${part}`) ?? []).some(type => matchesType(accept, type))
  return inner.some(part => runsAnywhere.test(part) && !isAcceptedItself(part))
}

/**
 * Reads the option `accept`: MIME types, `type/*` and `.ext`, as a list or separated by commas as in HTML.
 *
 * @param option the option's full name for the sentence
 * @returns lower case, no doubles; empty for everything (nothing given, an empty list, or `*\/*` among them)
 * @throws OptionError for an entry that could never match
 * @example defineAccept('image/*, .pdf', 'policy.accept') // ['image/*', '.pdf']
 * @see WHATWG HTML, the accept attribute; Dropzone acceptedFiles
 */
export function defineAccept(value: unknown, option: string): readonly string[] {
  if (value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!list.every(item => typeof item === 'string')) {
    throw new OptionError(option, value, 'a text, or a list of texts, such as "image/*, .pdf"')
  }
  const entries = list.flatMap(item => item.split(',').map(part => acceptEntry(part, option)))
  return entries.includes('*/*') ? [] : [...new Set(entries)]
}

function acceptEntry(text: string, option: string): string {
  const entry = text.trim().toLowerCase()
  if (entry === '*/*' || entryPattern.test(entry) || extensionPattern.test(entry)) return entry
  const allowed = 'made of MIME types ("image/png"), groups of them ("image/*") and extensions (".pdf")'
  const guess = entry === '*' ? '*/*' : likeliest(entry)
  throw new OptionError(option, text, allowed, guess && `Did you mean "${guess}"?`)
}

/** `jpg` and `*.jpg` mean `.jpg`, `image` and `images` mean `image/*`. */
function likeliest(entry: string): string | undefined {
  const extension = `.${entry.replace(/^\*?\.?/, '')}`
  if (extensionPattern.test(extension) && typesOf(`x${extension}`)) return extension
  return [`${entry}/*`, `${entry.replace(/s$/, '')}/*`].find(group => entryPattern.test(group))
}
