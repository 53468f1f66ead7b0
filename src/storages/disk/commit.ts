/** The commit of a list of uploads: all or none. */
import { UploadError } from '../../sansio/errors.ts'
import type { CommitItem } from '../../upload/ports.ts'
import { linkNow, unlinkNow } from './inline.ts'
import { endJournal, writeJournal } from './list-journal.ts'
import { isPlainName } from './plain-name.ts'
import type { Room } from './room.ts'
import { temporaryName } from './temporaries.ts'
import type { Upload } from './upload.ts'

/**
 * Bytes to the disk, then the names, then the folder; whatever fails takes back the names already given. A list of
 * several has a journal from before its first name until after its last, so that a crash cannot part it.
 *
 * @param list of the same order and length as `uploads`
 * @returns the names given, in order
 */
export async function commitAll(
  room: Room,
  uploads: readonly Upload[],
  list: readonly CommitItem[],
): Promise<readonly string[]> {
  await allOrFirstFailure(uploads.map(upload => upload.seal()))
  const { folder, names, owner, temporaryOf, inline, helper } = await room.opened()
  const entries = list.map(({ id, name }) => ({ temporary: temporaryName(id, owner), name }))
  const journal = list.length > 1 ? await writeJournal(room.fs, folder, room.options, entries) : undefined
  const given: string[] = []
  const files = list.map(({ id, name }, index) => {
    return { name, temporary: temporaryOf(id), inline: uploads[index]?.inline ? inline : undefined, index }
  })
  const takers = new Map<string, Promise<void>>()
  try {
    await inTurns(files, ({ name, temporary, inline, index }) => {
      const take = async () => void (given[index] = await names.take(name, temporary))
      // The first of a name gets it: who comes later has to wait for that.
      const before = takers.get(name)
      if (before) return { now: before.then(take) }
      const helped = inline && helper?.link(temporary, folder.child(name))
      if (helped) {
        const later = helped.then(isLinked => (isLinked ? void (given[index] = name) : take()))
        takers.set(name, later)
        return { later }
      }
      if (!inline || !linkNow(inline, temporary, folder.child(name))) return { now: take() }
      given[index] = name
      return undefined
    })
    if (journal) {
      await folder.sync()
      await endJournal(room.fs, folder, journal)
    }
    // A temporary that cannot be deleted is a second name of a good file: the next start sweeps it.
    await inTurns(files, ({ temporary, inline }) => {
      const later = inline ? helper?.unlink(temporary) : room.fs.unlink(temporary).catch(() => {})
      if (!later && inline) unlinkNow(inline, temporary)
      return later && { later }
    })
    if (!journal) await folder.sync()
    for (const upload of uploads) upload.committed = true
    return given
  } catch (error) {
    const back = given.filter(name => name !== undefined)
    await Promise.all(back.map(name => room.fs.unlink(folder.child(name)).catch(() => {})))
    await folder.sync().catch(() => {})
    if (journal) await endJournal(room.fs, folder, journal).catch(() => {})
    throw error
  }
}

/** So many calls on the event loop in a row, then it is the turn of others. */
const atOnce = 32

/** What a piece of work waits for: before the next one, or while others go on. */
type Wait = { readonly now: Promise<unknown> } | { readonly later: Promise<unknown> } | undefined

/** Does a piece of work for each item, one after another; when one fails, no other is begun, and none still runs. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Wait): Promise<void> {
  const waits: Promise<unknown>[] = []
  try {
    for (const [index, item] of items.entries()) {
      const wait = work(item)
      if (wait && 'now' in wait) await wait.now
      if (wait && 'later' in wait) {
        waits.push(wait.later)
        // It is waited for below: a failure that nobody listens to until then would end the process.
        wait.later.catch(() => {})
      }
      if (index % atOnce === atOnce - 1) await new Promise(resolve => setImmediate(resolve))
    }
  } finally {
    await allOrFirstFailure(waits)
  }
}

/** Waits for all of them, so that nothing runs on after a failure. */
async function allOrFirstFailure(all: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(all)) if (result.status === 'rejected') throw result.reason
}

/**
 * Names reach a storage cleaned. This is the second lock on the same door, right before a path is built.
 *
 * @throws UploadError `name-not-allowed`
 */
export function assertPlainName(name: string): void {
  if (!isPlainName(name)) throw new UploadError('name-not-allowed')
}
