/** What a file is, by its first bytes, and whether that is what it is said to be. Pure; looks at 4 KiB at most. */
import { canonicalTypes, typesByExtension } from '../policy/types.ts'
import { containers, hasLatePdf } from './containers.ts'
import { markupOf } from './markup.ts'
import { fits, parsePattern } from './pattern.ts'
import { activeKinds, signatures } from './table.ts'
import { decodeHead, isMarkedUtf16, isPlain, isScript } from './text.ts'

/** A kind of content. */
export interface Sniffed {
  /** MIME type. */
  readonly type: string
  /** Extensions that files of this kind honestly have. */
  readonly extensions: readonly string[]
  /** It runs, or makes a browser run something. */
  readonly isActive: boolean
}

/** Bytes that are looked at. */
const window = 4096

const textTypes =
  /^(?:text\/.*|application\/(?:json|x-ndjson|geo\+json|xml|yaml|toml|sql|hta|x-(?:httpd-php|asp|jsp|cgi|perl|coldfusion|sh|bat|powershell|vbs|windows-registry))|model\/gltf\+json)$/
/** Extensions whose type says "text" but which also stand for something that is none: certificates. */
const notOnlyText = ['.cer', '.asa']

/** Every extension of the type table that stands for text. */
const textExtensions = [...typesByExtension]
  .filter(([extension, [type = '']]) => textTypes.test(type) && !notOnlyText.includes(extension))
  .map(([extension]) => extension)

const kinds: ReadonlyMap<string, Sniffed> = new Map(
  signatures.map(([type, listed]) => {
    const isText = type === 'text/plain' || type === 'application/xml'
    const extensions = [...new Set([...listed.split(' '), ...(isText ? textExtensions : [])])]
    return [type, { type, extensions, isActive: activeKinds.has(type) }]
  }),
)

const patterns = signatures.flatMap(([type, , ...texts]) => texts.map(text => ({ type, pattern: parsePattern(text) })))

/** By extension, and by registered type: the kinds of content that fit it. */
const kindsByExtension = new Map<string, Set<string>>()
const kindsByType = new Map<string, Set<string>>()
for (const { type, extensions } of kinds.values()) {
  add(kindsByType, type, type)
  for (const extension of extensions) {
    add(kindsByExtension, extension, type)
    const registered = typesByExtension.get(extension)?.[0]
    if (registered) add(kindsByType, registered, type)
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

const markupKinds = {
  html: 'text/html',
  svg: 'image/svg+xml',
  xml: 'application/xml',
  'active-xml': 'application/x-active-xml',
} as const

/**
 * What the first bytes say a file is.
 *
 * @param head the first bytes; 4 KiB are enough, and no more are looked at
 * @returns undefined for what the table does not know
 * @example sniff(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))?.type // 'image/jpeg'
 * @see WHATWG MIME Sniffing, section 7
 */
export function sniff(head: Uint8Array): Sniffed | undefined {
  const type = typeOf(head.length > window ? head.subarray(0, window) : head)
  return type === undefined ? undefined : kinds.get(type)
}

function typeOf(head: Uint8Array): string | undefined {
  if (head.length === 0) return undefined
  const matched = patterns.find(({ pattern }) => fits(pattern, head))?.type
  if (matched) return matched
  const text = decodeHead(head)
  const markup = markupOf(text)
  if (markup) return markupKinds[markup]
  if (isScript(text)) return 'application/x-script'
  // The mark is also what a frame of MPEG audio may begin with.
  if (isMarkedUtf16(head) && isPlain(text)) return 'text/plain'
  for (const matcher of containers) {
    const type = matcher(head)
    if (type) return type
  }
  if (isPlain(text)) return 'text/plain'
  return hasLatePdf(head) ? 'application/pdf' : undefined
}

/** Declared by clients that know nothing about a file. */
const unspecific = ['', 'application/octet-stream', 'binary/octet-stream']

/**
 * What a file is said to be, as far as the table knows: for each claim, the kinds of content that fit it.
 *
 * @param declaredType lower case without parameters, `''` if none
 * @param extension lower case with its dot, `''` if none
 */
export function claimsOf(declaredType: string, extension: string): readonly ReadonlySet<string>[] {
  const byExtension = kindsByExtension.get(extension)
  const claims = byExtension ? [byExtension] : []
  const isOtherName = byExtension && typesByExtension.get(extension)?.includes(declaredType)
  if (unspecific.includes(declaredType) || isOtherName) return claims
  const fitting = canonicalTypes(declaredType).flatMap(type => [...(kindsByType.get(type) ?? [])])
  if (fitting.length > 0) return [...claims, new Set(fitting)]
  return declaredType.startsWith('text/') ? [...claims, new Set(['text/plain', 'application/xml'])] : claims
}

/**
 * Whether content is what its declared type and its extension say. A type or an extension that the table does not know
 * says nothing.
 *
 * @param declaredType lower case without parameters, `''` if none
 * @param extension lower case with its dot, `''` if none
 * @param sniffed from {@link sniff}; undefined fits no claim
 * @example agrees('image/png', '.png', sniff(head))
 */
export function agrees(declaredType: string, extension: string, sniffed: Sniffed | undefined): boolean {
  return fitsClaims(claimsOf(declaredType, extension), sniffed)
}

/** The same for claims from {@link claimsOf}. */
export function fitsClaims(claims: readonly ReadonlySet<string>[], sniffed: Sniffed | undefined): boolean {
  return claims.every(kindsThatFit => sniffed && kindsThatFit.has(sniffed.type))
}
