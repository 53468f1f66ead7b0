import { UploadError } from '../errors.ts'
import { splitExtension } from './extension.ts'
import { cutToBytes, utf8Length } from './utf8.ts'

/** The longest name that ext4, XFS, APFS and NTFS all take, in bytes of UTF-8. */
export const maxNameBytes = 255

/** Letters looked at from either end of an endless name: more than survive, few enough for NFC, which is quadratic. */
const headLetters = 1024
const tailLetters = 256

const nul = /\0|%00/
const loneSurrogates = /\p{Cs}/gu
/**
 * Controls, line separators and everything that draws nothing (bidi controls, zero width, fillers, annotations).
 * Variation selectors stay: they choose between the faces of a visible letter.
 */
const invisible =
  /(?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}])[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu
/** What Windows forbids, and all that becomes a separator by NFKC (`／`, `℅`) or by percent-decoding. */
const forbidden = /[<>:"|?*\u2100\u2101\u2105\u2106\uFE68\uFF0F\uFF3C]|%2f|%5c/gi
/** A dot, or what becomes one by NFKC (`．`, `‥`, `…`) or by percent-decoding. */
const leadingDots = /^(?:[.\u2024-\u2026\uFE19\uFE30\uFE52\uFF0E]|%2e)+/i
/** What nearly all files are called: only what stands before the first dot needs a second look. */
const usual = /^[a-z0-9_](?:[a-z0-9_ .()-]{0,98}[a-z0-9_)-])?$/i
const reservedOnWindows = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9])$/i

/**
 * The name under which a file may be shown and stored, on every operating system, made from what a client sent.
 *
 * Keeps the last path segment, NFC, at most 255 bytes of UTF-8 (the extension survives the cut). `<>:"|?*` become `_`,
 * and so do a leading dot and everything that turns into a path separator by NFKC or percent-decoding. Control, bidi
 * and zero-width characters go, as do spaces at both ends and dots at the end. Names that Windows keeps for devices get
 * a `_` in front. Nothing left is `file`. Letters, spaces and emoji of any script stay.
 *
 * Idempotent. Check a policy against the result, not against what was sent.
 *
 * @param raw the name as decoded from the wire, perhaps with a path
 * @throws UploadError `name-not-allowed` for a NUL, raw or as `%00`
 * @example cleanFilename('C:\\fakepath\\"Ünï" 😀.png') // '_Ünï_ 😀.png'
 * @see WHATWG HTML "fakepath"; Microsoft, Naming Files, Paths, and Namespaces
 */
export function cleanFilename(raw: string): string {
  if (usual.test(raw) && !isDevice(raw)) return raw
  let name = raw
  // One step can undo another (a cut may bare a device name, a removal may join "%" and "00"), so the steps are
  // repeated until none has anything left to do: what is returned has been checked after its last change.
  for (;;) {
    const next = cleanOnce(name)
    if (next === name) return name
    name = next
  }
}

function cleanOnce(name: string): string {
  if (nul.test(name)) throw new UploadError('name-not-allowed')
  const visible = name.replace(loneSurrogates, '\uFFFD').replace(invisible, '')
  const segment = visible.slice(Math.max(visible.lastIndexOf('/'), visible.lastIndexOf('\\')) + 1)
  const short =
    segment.length <= headLetters + tailLetters ? segment : segment.slice(0, headLetters) + segment.slice(-tailLetters)
  const trimmed = trimEnds(short.normalize('NFC').replace(forbidden, '_')).replace(leadingDots, '_')
  return cutName(isReserved(trimmed) ? `_${trimmed}` : trimmed) || 'file'
}

/** Without spaces at both ends and dots at the end. By hand, because `/[\s.]+$/` is quadratic on hostile names. */
function trimEnds(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || (name[end - 1] as string).trim() === '')) end--
  return name.slice(0, end).trimStart()
}

/** Windows looks at what stands before the first dot, ignores spaces after it, and takes `COM¹` for `COM1`. */
function isReserved(name: string): boolean {
  return isDevice(name.slice(0, 64).normalize('NFKC'))
}

function isDevice(name: string): boolean {
  const dot = name.indexOf('.')
  return reservedOnWindows.test((dot < 0 ? name : name.slice(0, dot)).trimEnd())
}

function cutName(name: string): string {
  if (utf8Length(name) <= maxNameBytes) return name
  const { stem, suffix } = splitExtension(name)
  return cutToBytes(stem, maxNameBytes - utf8Length(suffix)) + suffix
}
