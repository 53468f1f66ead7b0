/** A folder opened, swept and ready. */
import type { FileSystem } from './file-system.ts'
import { type Folder, type FolderOptions, openFolder } from './folder.ts'
import type { Helper } from './helper/helper.ts'
import { type InlineCalls, isLocal } from './inline.ts'
import { finishLists } from './list-journal.ts'
import { type Owner, ownOwner } from './owner.ts'
import { Names } from './place.ts'
import { sweepOrphans } from './resumable/names.ts'
import { deathJudge, sweep, temporaryName } from './temporaries.ts'

/** What an open folder has for its uploads. */
export interface Opened {
  readonly folder: Folder
  readonly names: Names
  readonly owner: Owner
  /** Path of the temporary of an upload. */
  readonly temporaryOf: (id: string) => string
  /** For small files, where they may be done in one go. */
  readonly inline: InlineCalls | undefined
  /** Takes some of these calls, where there are many. */
  readonly helper: Helper | undefined
}

/** What a room works with. */
export interface RoomTools {
  readonly fs: FileSystem
  /** Undefined: nothing is done in one go. */
  readonly inline: InlineCalls | undefined
  /** Undefined: nobody helps with that. */
  readonly helper?: Helper | undefined
}

/** Opens the folder and sweeps what a crash left in it. */
export async function openRoom({ fs, inline, helper }: RoomTools, options: FolderOptions): Promise<Opened> {
  const folder = await openFolder(fs, options)
  try {
    const names = new Names(fs, folder, options.mode)
    const [owner, now] = [await ownOwner(), Date.now()]
    const kept = await finishLists(fs, folder, names, deathJudge(fs, folder.temporary, owner, now))
    await sweep(fs, folder.hidden, folder.temporary, owner, now, kept)
    await sweepOrphans(fs, folder.hidden, folder.temporary)
    const calls = inline && !options.durable && (await isLocal(folder.self)) ? inline : undefined
    const ending = temporaryName('', owner)
    return {
      folder,
      names,
      owner,
      temporaryOf: id => folder.temporary(id + ending),
      inline: calls,
      helper: calls && helper,
    }
  } catch (error) {
    await folder.close()
    throw error
  }
}
