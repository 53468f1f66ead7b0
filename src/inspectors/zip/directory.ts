/** The list of a zip archive's entries, as its central directory tells it (APPNOTE 6.3.10, sections 4.3.12 to 4.4). */
import type { InspectedFile } from '../../upload/types.ts'

/** One entry. Sizes and offsets are bytes. */
export interface ZipEntry {
  /** One letter for each byte: separators and dots are ASCII in every encoding in use. */
  readonly name: string
  /** What some programs take for the name instead (Info-ZIP's Unicode path). */
  readonly otherName: string | undefined
  readonly method: number
  readonly isEncrypted: boolean
  readonly compressed: number
  readonly expanded: number
  /** Of its local header. */
  readonly offset: number
  /** Unix file type and permissions; 0 where none are told. */
  readonly mode: number
}

/** Where the directory lies, and how many entries it says it has. */
export interface ZipEnd {
  readonly entries: number
  readonly offset: number
  readonly size: number
}

const endSize = 22
const maxComment = 0xffff
const full32 = 0xffffffff

/** The end record, whose comment ends with the file; undefined when there is none, or more than one that could be it. */
export async function readEnd(file: Pick<InspectedFile, 'size' | 'read'>): Promise<ZipEnd | undefined> {
  const start = Math.max(0, file.size - endSize - maxComment)
  const tail = Buffer.from(await file.read(start, endSize + maxComment))
  const places: number[] = []
  for (let at = tail.indexOf('PK\x05\x06', 0, 'latin1'); at >= 0; at = tail.indexOf('PK\x05\x06', at + 1, 'latin1')) {
    if (at + endSize <= tail.length && at + endSize + tail.readUInt16LE(at + 20) === tail.length) places.push(at)
  }
  const [place] = places
  // Two programs could choose two different lists.
  if (place === undefined || places.length > 1) return undefined
  const end = {
    entries: tail.readUInt16LE(place + 10),
    size: tail.readUInt32LE(place + 12),
    offset: tail.readUInt32LE(place + 16),
  }
  const isLarge = end.entries === 0xffff || end.size === full32 || end.offset === full32
  return isLarge ? readLargeEnd(file, start + place, end) : end
}

/** Zip64 keeps the numbers that do not fit in a record of its own. */
async function readLargeEnd(
  file: Pick<InspectedFile, 'size' | 'read'>,
  place: number,
  end: ZipEnd,
): Promise<ZipEnd | undefined> {
  const locator = Buffer.from(await file.read(Math.max(0, place - 20), 20))
  if (locator.length < 20 || locator.toString('latin1', 0, 4) !== 'PK\x06\x07') return end
  const record = Buffer.from(await file.read(Number(locator.readBigUInt64LE(8)), 56))
  if (record.length < 56 || record.toString('latin1', 0, 4) !== 'PK\x06\x06') return undefined
  const [entries, size, offset] = [32, 40, 48].map(at => Number(record.readBigUInt64LE(at)))
  return { entries: entries as number, size: size as number, offset: offset as number }
}

/** The entries of a directory; undefined when it is not what its end record says. */
export function parseDirectory(directory: Buffer, entries: number): readonly ZipEntry[] | undefined {
  const list: ZipEntry[] = []
  let at = 0
  while (at + 46 <= directory.length && list.length < entries) {
    if (directory.toString('latin1', at, at + 4) !== 'PK\x01\x02') return undefined
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(place => directory.readUInt16LE(at + place))
    const nameEnd = at + 46 + (nameLength as number)
    const extraEnd = nameEnd + (extraLength as number)
    const next = extraEnd + (commentLength as number)
    if (next > directory.length) return undefined
    list.push(entryAt(directory, at, nameEnd, extraFields(directory.subarray(nameEnd, extraEnd))))
    at = next
  }
  return list.length === entries && at === directory.length ? list : undefined
}

function entryAt(directory: Buffer, at: number, nameEnd: number, extra: ReadonlyMap<number, Buffer>): ZipEntry {
  const large = extra.get(1)
  let used = 0
  /** A number that may stand in the extra field, where there is one for each that does not fit, in this order. */
  const number = (place: number): number => {
    const value = directory.readUInt32LE(at + place)
    if (value !== full32 || !large || used + 8 > large.length) return value
    used += 8
    return Number(large.readBigUInt64LE(used - 8))
  }
  const expanded = number(24)
  const compressed = number(20)
  const isUnix = directory[at + 5] === 3
  return {
    name: directory.toString('latin1', at + 46, nameEnd),
    otherName: extra.get(0x7075)?.toString('latin1', 5),
    method: directory.readUInt16LE(at + 10),
    isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
    compressed,
    expanded,
    offset: number(42),
    mode: isUnix ? directory.readUInt32LE(at + 38) >>> 16 : 0,
  }
}

function extraFields(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt16LE(at + 2)) {
    fields.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + bytes.readUInt16LE(at + 2)))
  }
  return fields
}
