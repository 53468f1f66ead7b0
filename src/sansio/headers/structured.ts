/**
 * Structured field values, as far as uploads need them: items and dictionaries of items, read and written.
 *
 * A field that can not be read is as good as absent, so every reader here returns undefined for it and never throws.
 *
 * Source: RFC 9651 sections 3.2, 3.3, 4.1 and 4.2. Left out: lists, inner lists and display strings; a dictionary that
 * has one is not read.
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { trimSpace } from './parameters.ts'

/** A value without its parameters. */
export type BareItem =
  | { readonly type: 'integer' | 'decimal' | 'date'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'string' | 'token'; readonly value: string }

/** The members of a dictionary, in their order. A key that comes twice has its last value. */
export type Dictionary = ReadonlyMap<string, BareItem>

/**
 * A field that is one integer, e.g. `Upload-Offset`.
 * @returns undefined when the field is absent, not an integer, negative, or has more than 15 digits
 * @example parseNonNegativeInteger('42;a=1') // 42
 */
export function parseNonNegativeInteger(field: string | null): number | undefined {
  const item = parseItem(field)
  return item?.type === 'integer' && item.value >= 0 ? item.value : undefined
}

/**
 * A field that is one boolean, e.g. `Upload-Complete`.
 * @example parseBoolean('?1') // true
 */
export function parseBoolean(field: string | null): boolean | undefined {
  const item = parseItem(field)
  return item?.type === 'boolean' ? item.value : undefined
}

/**
 * A field that is one item. Parameters are read and dropped.
 * @param field the field's value, all its lines joined with `, `
 */
export function parseItem(field: string | null): BareItem | undefined {
  if (field === null) return undefined
  const reader = { text: trimSpace(field), at: 0 }
  const item = readItem(reader)
  return reader.at === reader.text.length ? item : undefined
}

/**
 * A field that is a dictionary, e.g. `Content-Digest`.
 * @returns undefined when the field is absent or malformed; an empty field is an empty dictionary
 * @example parseDictionary('a=1, b')?.get('b') // { type: 'boolean', value: true }
 */
export function parseDictionary(field: string | null): Dictionary | undefined {
  if (field === null) return undefined
  const reader = { text: trimSpace(field), at: 0 }
  const members = new Map<string, BareItem>()
  while (reader.at < reader.text.length) {
    const key = take(reader, /[a-z*][a-z0-9_.*-]*/y)
    if (key === undefined) return undefined
    const item = take(reader, /=/y) === undefined ? readTrue(reader) : readItem(reader)
    if (!item) return undefined
    members.delete(key)
    members.set(key, item)
    take(reader, /[ \t]+/y)
    if (reader.at === reader.text.length) return members
    // A comma that nothing follows is an error, not an empty member.
    if (take(reader, /,[ \t]*(?=[^ \t])/y) === undefined) return undefined
  }
  return members
}

/** @example formatBoolean(true) // '?1' */
export function formatBoolean(value: boolean): string {
  return value ? '?1' : '?0'
}

/** @example formatBytes(Uint8Array.of(255)) // ':/w==:' */
export function formatBytes(bytes: Uint8Array): string {
  return `:${encodeBase64(bytes)}:`
}

/**
 * A dictionary of integers and byte sequences.
 * @example formatDictionary([['max-size', 100], ['max-age', 3600]]) // 'max-size=100, max-age=3600'
 */
export function formatDictionary(members: Iterable<readonly [key: string, value: number | Uint8Array]>): string {
  return [...members]
    .map(([key, value]) => `${key}=${typeof value === 'number' ? value : formatBytes(value)}`)
    .join(', ')
}

interface Reader {
  readonly text: string
  at: number
}

/** What `pattern` (sticky) matches here, or undefined. */
function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text)
  if (!match) return undefined
  reader.at = pattern.lastIndex
  return match[0]
}

function readItem(reader: Reader): BareItem | undefined {
  const item = readBareItem(reader)
  return item && skipParameters(reader) ? item : undefined
}

function readTrue(reader: Reader): BareItem | undefined {
  return skipParameters(reader) ? { type: 'boolean', value: true } : undefined
}

function skipParameters(reader: Reader): boolean {
  while (take(reader, /; */y) !== undefined) {
    if (take(reader, /[a-z*][a-z0-9_.*-]*/y) === undefined) return false
    if (take(reader, /=/y) !== undefined && !readBareItem(reader)) return false
  }
  return true
}

function readBareItem(reader: Reader): BareItem | undefined {
  const number = take(reader, /@?-?\d+(?:\.\d+)?/y)
  if (number !== undefined) return readNumber(number)
  const boolean = take(reader, /\?[01]/y)
  if (boolean !== undefined) return { type: 'boolean', value: boolean === '?1' }
  const bytes = take(reader, /:[A-Za-z0-9+/=]*:/y)
  if (bytes !== undefined) return readBytes(bytes.slice(1, -1))
  const string = take(reader, /"(?:[ !#-[\]-~]|\\["\\])*"/y)
  if (string !== undefined) return { type: 'string', value: string.slice(1, -1).replace(/\\(.)/g, '$1') }
  const token = take(reader, /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y)
  return token === undefined ? undefined : { type: 'token', value: token }
}

function readNumber(text: string): BareItem | undefined {
  const date = text.startsWith('@')
  const [whole = '', fraction] = text.replace(/^@?-?/, '').split('.')
  const value = Number(date ? text.slice(1) : text)
  if (fraction === undefined) return whole.length > 15 ? undefined : { type: date ? 'date' : 'integer', value }
  return date || whole.length > 12 || fraction.length > 3 ? undefined : { type: 'decimal', value }
}

/** Padding may be missing (RFC 9651 section 4.2.7). */
function readBytes(text: string): BareItem | undefined {
  const value = decodeBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))
  return value && { type: 'bytes', value }
}
