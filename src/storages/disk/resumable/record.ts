/** The record file of a resumable upload: two slots written in turn, each with a checksum. */
import { createHash } from 'node:crypto'

/**
 * Why two slots: a save overwrites the older one in place and writes it out with one fdatasync. The blocks are allocated
 * already and the size stays, so the file system has no metadata to journal (measured on ext4: 0.5 ms; a new file with
 * rename and fsync of the folder: 1.6 ms). A crash in the middle spoils only the slot under way: its checksum does not
 * fit, and the other one, which was not touched, is the record. Slots begin at multiples of 4 KiB, so no sector is
 * shared.
 *
 * A slot: checksum (16 bytes of SHA-256 over the rest), number (8 bytes, the larger is the newer), length (4 bytes),
 * then the text in UTF-8.
 */
interface Slot {
  readonly number: bigint
  readonly record: string
}

const checksumSize = 16
const headSize = checksumSize + 8 + 4
const smallestSlot = 4096
/** Bytes of a file with two of them. */
export const smallestFile = 2 * smallestSlot

/** A record file as it stands. */
export interface RecordFile {
  /** The newer of the valid slots. */
  readonly current: Slot | undefined
  /** Where the next slot goes: over the older or the spoiled one. */
  readonly nextAt: number
  /** Bytes per slot. */
  readonly slotSize: number
}

/** A whole new file: the first slot holds the record, the second is allocated and empty. */
export function newRecordFile(record: string, number = 1n): Uint8Array {
  const text = Buffer.from(record)
  let slotSize = smallestSlot
  while (slotSize < headSize + text.byteLength) slotSize *= 2
  const file = new Uint8Array(2 * slotSize)
  file.set(slotOf(text, number))
  return file
}

/** Reads a record file; whatever is not valid counts as not there. */
export function readRecordFile(bytes: Uint8Array): RecordFile {
  const slotSize = bytes.byteLength / 2
  const first = slotAt(bytes, 0, slotSize)
  const second = slotAt(bytes, slotSize, slotSize)
  const firstIsCurrent = first !== undefined && (second === undefined || first.number > second.number)
  return { current: firstIsCurrent ? first : second, nextAt: firstIsCurrent ? slotSize : 0, slotSize }
}

/** The next record: the bytes to write to `nextAt`, and the file as it is then; undefined when its slots are too small. */
export function nextSlot(
  { current, nextAt, slotSize }: RecordFile,
  record: string,
): { readonly bytes: Uint8Array; readonly after: RecordFile } | undefined {
  const text = Buffer.from(record)
  if (headSize + text.byteLength > slotSize) return undefined
  const number = (current?.number ?? 0n) + 1n
  const after = { current: { number, record }, nextAt: nextAt === 0 ? slotSize : 0, slotSize }
  return { bytes: slotOf(text, number), after }
}

function slotOf(text: Uint8Array, number: bigint): Uint8Array {
  const slot = Buffer.alloc(headSize + text.byteLength)
  slot.writeBigUInt64BE(number, checksumSize)
  slot.writeUInt32BE(text.byteLength, checksumSize + 8)
  slot.set(text, headSize)
  slot.set(checksumOf(slot.subarray(checksumSize)))
  return slot
}

function slotAt(bytes: Uint8Array, at: number, slotSize: number): Slot | undefined {
  const slot = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(at, at + slotSize)
  if (slot.byteLength < headSize) return undefined
  const end = headSize + slot.readUInt32BE(checksumSize + 8)
  if (end > slot.byteLength || !checksumOf(slot.subarray(checksumSize, end)).equals(slot.subarray(0, checksumSize)))
    return undefined
  return { number: slot.readBigUInt64BE(checksumSize), record: slot.toString('utf8', headSize, end) }
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, checksumSize)
}
