/** The journal of a list of uploads: makes all or none hold across a crash between two of its links. */
import { constants } from 'node:fs'
import { errnoOf, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { createFlags, type Folder, type FolderOptions } from './folder.ts'
import { type Owner, ownOwner } from './owner.ts'
import type { Names } from './place.ts'
import { isPlainName } from './plain-name.ts'
import { type DeathJudge, ownedName, ownerOf } from './temporaries.ts'
import { writeSpans } from './write.ts'

/**
 * How it works: all temporaries are durable; the journal says which of them belong together and what they are to be
 * called; then come the links, the fsync of their folder, and the end of the journal. Whoever finds the journal of a dead
 * process gives the names that are missing: one way only, so it does not matter how often it is begun again.
 */
const ending = 'list'

/** One file of the list. */
export interface JournalEntry {
  /** Name of its temporary in the hidden folder. */
  readonly temporary: string
  /** The name wanted. */
  readonly name: string
}

/**
 * Writes the journal; durable when it resolves, and so are the names of the temporaries.
 *
 * @returns path of the journal
 */
export async function writeJournal(
  fs: FileSystem,
  folder: Folder,
  { durable }: Pick<FolderOptions, 'durable'>,
  entries: readonly JournalEntry[],
): Promise<string> {
  // The id of any upload of the list makes the name unique.
  const path = folder.temporary(ownedName(idOf(entries[0]?.temporary ?? ''), await ownOwner(), ending))
  try {
    const handle = await fs.open(path, createFlags, 0o600)
    try {
      await writeSpans(handle, [Buffer.from(JSON.stringify(entries))], 0)
      if (durable) await handle.sync()
    } finally {
      await handle.close()
    }
    await folder.syncHidden()
    return path
  } catch (error) {
    await fs.unlink(path).catch(() => {})
    throw error
  }
}

/** Ends a journal: what it says is done or taken back. Durable, lest it speak again after a power cut. */
export async function endJournal(fs: FileSystem, folder: Folder, path: string): Promise<void> {
  await fs.unlink(path).catch(unless('ENOENT'))
  await folder.syncHidden()
}

/**
 * Finishes the lists of dead processes.
 *
 * @returns temporaries that belong to lists of the living, who may have taken them over from the dead: not to be swept
 */
export async function finishLists(
  fs: FileSystem,
  folder: Folder,
  names: Names,
  isDead: DeathJudge,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>()
  let missed: boolean
  do {
    missed = false
    const journals = (await fs.readdir(folder.hidden)).filter(name => ownerOf(name, ending))
    for (const journal of journals) {
      const entries = await readJournal(fs, folder.temporary(journal))
      if (!entries) {
        // Another start was quicker: what it is still at stands under its name now.
        missed = true
        continue
      }
      const owner = ownerOf(journal, ending) as Owner
      const claimed = (await isDead(journal, owner)) && (await claim(fs, folder, journal))
      if (claimed) await finish(fs, folder, names, entries, claimed, folder.temporary(journal))
      else for (const { temporary } of entries) kept.add(temporary)
    }
  } while (missed)
  return kept
}

/** Only one process can rename it. @returns its path under our name; undefined when somebody else was quicker */
async function claim(fs: FileSystem, folder: Folder, journal: string): Promise<string | undefined> {
  const path = folder.temporary(ownedName(idOf(journal), await ownOwner(), ending))
  try {
    await fs.rename(folder.temporary(journal), path)
    return path
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    return undefined
  }
}

async function finish(
  fs: FileSystem,
  folder: Folder,
  names: Names,
  entries: readonly JournalEntry[],
  claimed: string,
  before: string,
): Promise<void> {
  try {
    const visible = await visibleFiles(fs, folder)
    for (const { temporary, name } of entries) {
      const path = folder.temporary(temporary)
      const found = await fs.lstat(path).catch(unless('ENOENT'))
      // Gone: it was moved to its name (no hard links), or it was the turn of the temporaries already.
      if (!found) continue
      if (!visible.has(`${found.dev}:${found.ino}`)) await names.take(name, path)
    }
    await folder.sync()
    await endJournal(fs, folder, claimed)
  } catch (error) {
    // Back under the name of the dead, so that the next try finds it.
    await fs.rename(claimed, before).catch(() => {})
    throw error
  }
}

/** An unfinished journal has no entries: then no link had been made. Undefined when there is none of this name. */
async function readJournal(fs: FileSystem, path: string): Promise<readonly JournalEntry[] | undefined> {
  const handle = await fs.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(unless('ENOENT'))
  if (!handle) return undefined
  try {
    const entries: unknown = JSON.parse(await handle.readFile('utf8'))
    return Array.isArray(entries) && entries.every(isEntry) ? entries : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  } finally {
    await handle.close()
  }
}

function isEntry(entry: Partial<JournalEntry> | null): entry is JournalEntry {
  const { temporary, name } = entry ?? {}
  return typeof name === 'string' && isPlainName(name) && typeof temporary === 'string' && isPlainName(temporary)
}

async function visibleFiles(fs: FileSystem, folder: Folder): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const name of await fs.readdir(folder.self)) {
    const file = await fs.lstat(folder.child(name)).catch(unless('ENOENT'))
    if (file) found.add(`${file.dev}:${file.ino}`)
  }
  return found
}

function idOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}
