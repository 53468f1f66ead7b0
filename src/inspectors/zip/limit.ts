/** What a zip archive would become if somebody unpacked it. */
import { UploadError } from '../../sansio/errors.ts'
import { OptionError } from '../../sansio/option-error.ts'
import { sniff } from '../../sansio/sniff/sniff.ts'
import type { InspectedFile, Inspector } from '../../upload/types.ts'
import { parseDirectory, readEnd, type ZipEntry } from './directory.ts'
import { expand } from './expand.ts'

/** Options of {@link zipLimit}. */
export interface ZipLimitOptions {
  /** Entries of its directory. Default 10,000. */
  readonly maxEntries?: number
  /** Bytes of all entries together when unpacked. Default 1 GiB. */
  readonly maxExpanded?: number
  /** Bytes unpacked for each byte of the archive; looked at from 10 MiB on. Default 100. */
  readonly maxRatio?: number
  /** Whether there may be archives within the archive. Default false. Office files and books are none. */
  readonly nested?: boolean
  /**
   * Bytes up to which entries are really unpacked, to see whether their sizes are true. Beyond that, sizes are what the
   * archive says. Default 128 MiB.
   */
  readonly verify?: number
}

const defaults = { maxEntries: 10_000, maxExpanded: 1024 ** 3, maxRatio: 100, verify: 128 * 1024 ** 2 }

/** Bytes of a directory that are read at all: 10,000 entries with long names. */
const maxDirectory = 8 * 1024 ** 2
const ratioFrom = 10 * 1024 ** 2
/** Bytes that deflate adds at most to what cannot be compressed, and what encryption adds. */
const overheadOf = (expanded: number) => 64 + Math.ceil(expanded / 1000)

const archives = /\.(?:zip|jar|war|apk|7z|rar|gz|tgz|bz2|xz|zst|tar|cab|iso|lz4|z)$/i
const archiveTypes = new Set([
  'application/zip',
  'application/java-archive',
  'application/gzip',
  'application/x-bzip2',
  'application/x-xz',
  'application/zstd',
  'application/x-7z-compressed',
  'application/vnd.rar',
  'application/x-tar',
])

/**
 * Refuses zip archives that unpack to too much, or outside of their folder: bombs (also nested ones, and ones whose entries
 * overlap or lie about their sizes), `../` in names, links. Looks at everything that begins like a zip archive, Office files
 * and books included. Reads the directory of the archive; unpacks, on other threads and to nowhere, to see whether
 * sizes are true.
 *
 * @returns for the option `inspectors`; refuses with `archive-too-big`, `archive-unsafe`, and with `content-mismatch` where
 *   the directory makes no sense
 * @throws OptionError for a limit that is none
 * @example dropgate({ storage, inspectors: [zipLimit({ maxExpanded: 200 * 1024 ** 2 })] })
 */
export function zipLimit(options: ZipLimitOptions = {}): Inspector {
  const limits = { nested: false, ...defaults, ...options }
  for (const name of ['maxEntries', 'maxExpanded', 'maxRatio', 'verify'] as const) {
    if (!(limits[name] >= 0)) throw new OptionError(`zipLimit.${name}`, limits[name], 'a number from 0 on')
  }
  return {
    inspect: async (file, { signal }) => {
      const start = Buffer.from(await file.read(0, 4)).toString('latin1')
      if (!/^PK(?:\x03\x04|\x05\x06|\x07\x08)$/.test(start)) return
      const entries = await readEntries(file, limits.maxEntries)
      if (entries.some(isUnsafe) || new Set(entries.map(({ name }) => name)).size < entries.length) {
        throw new UploadError('archive-unsafe')
      }
      if (isTooBig(entries, file.size, limits)) throw new UploadError('archive-too-big')
      if (!(await isTrue(file, entries, limits, signal))) throw new UploadError('archive-too-big')
    },
  }
}

async function readEntries(file: InspectedFile, maxEntries: number): Promise<readonly ZipEntry[]> {
  const end = await readEnd(file)
  if (!end) throw new UploadError('content-mismatch')
  if (end.entries > maxEntries || end.size > maxDirectory) throw new UploadError('archive-too-big')
  const directory = Buffer.from(await file.read(end.offset, end.size))
  const entries = directory.length === end.size ? parseDirectory(directory, end.entries) : undefined
  if (!entries) throw new UploadError('content-mismatch')
  // Entries lie before the directory, one behind the other.
  let free = 0
  for (const { offset, compressed, name } of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (offset < free) throw new UploadError('archive-too-big')
    free = offset + 30 + name.length + compressed
  }
  if (free > end.offset) throw new UploadError('archive-too-big')
  return entries
}

/** Names that lead elsewhere, and what is neither a file nor a folder. */
function isUnsafe({ name, otherName, mode }: ZipEntry): boolean {
  const kind = mode & 0o170000
  return [name, otherName ?? name].some(leadsOut) || ![0, 0o100000, 0o040000].includes(kind)
}

function leadsOut(name: string): boolean {
  return name === '' || /^[/\\]|^[A-Za-z]:|[\0-\x1f]/.test(name) || name.split(/[/\\]/).includes('..')
}

function isTooBig(entries: readonly ZipEntry[], size: number, limits: typeof defaults & { nested: boolean }): boolean {
  const expanded = entries.reduce((sum, entry) => sum + entry.expanded, 0)
  if (expanded > limits.maxExpanded || (expanded > ratioFrom && expanded > size * limits.maxRatio)) return true
  if (!limits.nested && entries.some(({ name }) => archives.test(name))) return true
  // Nothing becomes smaller by being unpacked.
  return entries.some(entry => entry.compressed > entry.expanded + overheadOf(entry.expanded))
}

/** Whether entries have the sizes that the directory says, and none is an archive that hides behind another name. */
async function isTrue(
  file: InspectedFile,
  entries: readonly ZipEntry[],
  { verify, nested }: { readonly verify: number; readonly nested: boolean },
  signal: AbortSignal,
): Promise<boolean> {
  let left = verify
  for (const entry of entries) {
    if (entry.expanded > left) continue
    left -= entry.expanded
    const expanded = entry.compressed === 0 ? undefined : await expand(file, entry, signal)
    if (expanded?.isLie) return false
    if (expanded && !nested && archiveTypes.has(sniff(expanded.head)?.type ?? '')) return false
  }
  return true
}
