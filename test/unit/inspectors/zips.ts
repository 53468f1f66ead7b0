/** Zip archives, honest and not. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Entry {
  readonly name: string
  readonly content?: Uint8Array
  /** Kept as it is instead of compressed. */
  readonly stored?: boolean
  /** What the directory says instead of the truth. */
  readonly says?: { readonly expanded?: number; readonly compressed?: number; readonly offset?: number }
  /** Unix file type and permissions. */
  readonly mode?: number
  /** In the local header only. */
  readonly localName?: string
}

/** An archive of these entries. */
export function zipOf(
  entries: readonly Entry[],
  end: { readonly entries?: number; readonly comment?: string } = {},
): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { name, content = Buffer.from('content'), stored, says = {}, mode = 0o100644, localName = name } = entry
    const data = stored ? Buffer.from(content) : deflateRawSync(content)
    const sizes = { expanded: says.expanded ?? content.length, compressed: says.compressed ?? data.length }
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(stored ? 0 : 8, 4)
    facts.writeUInt32LE(crc32 ? crc32(content) : 0, 10)
    facts.writeUInt32LE(sizes.compressed, 14)
    facts.writeUInt32LE(sizes.expanded, 18)
    facts.writeUInt16LE(Buffer.byteLength(localName), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, Buffer.from(localName), data])
    const central = Buffer.alloc(20)
    facts.writeUInt16LE(Buffer.byteLength(name), 22)
    central.writeUInt16LE(0, 0)
    central.writeUInt32LE((mode << 16) >>> 0, 6)
    central.writeUInt32LE(says.offset ?? offset, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), facts, central.subarray(0, 14), Buffer.from(name)]),
    )
    pieces.push(local)
    offset += local.length
  }
  const list = Buffer.concat(directory)
  const last = Buffer.alloc(22)
  last.write('PK\x05\x06', 'latin1')
  last.writeUInt16LE(end.entries ?? entries.length, 8)
  last.writeUInt16LE(end.entries ?? entries.length, 10)
  last.writeUInt32LE(list.length, 12)
  last.writeUInt32LE(offset, 16)
  last.writeUInt16LE(end.comment?.length ?? 0, 20)
  return Buffer.concat([...pieces, list, last, Buffer.from(end.comment ?? '', 'latin1')])
}
