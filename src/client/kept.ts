/** Uploads that can go on after a reload without the file being picked again, in the browser's own database. */
import type { FileFacts, FileHandle } from './handles.ts'

/** An upload that has begun. */
export interface Kept extends FileFacts {
  readonly url: string
  /** Only the same drop area, on the same page, at the same endpoint goes on with it. */
  readonly area: string
  readonly page: string
  readonly endpoint: string
  readonly handle: FileHandle
  /** When it was kept, in milliseconds. */
  readonly since: number
}

const name = 'uploads'

/** Milliseconds after which nobody comes back for a file. */
const longest = 7 * 24 * 60 * 60_000

let last: Promise<unknown> = Promise.resolve()

/** Keeps an upload. */
export function keep(kept: Promise<Kept | undefined>): Promise<unknown> {
  return inTurn(async () => {
    const known = await kept
    if (known) await ask('readwrite', store => store.put(known))
  })
}

/** Forgets an upload. */
export function forget(url: string): Promise<unknown> {
  return inTurn(() => ask('readwrite', store => store.delete(url)))
}

/** An upload, if it is still kept. */
export function keptOf(url: string): Promise<Kept | undefined> {
  return inTurn(() => ask<Kept | undefined>('readonly', store => store.get(url)))
}

/** All uploads of this origin; those that are too old are forgotten. */
export async function allKept(): Promise<readonly Kept[]> {
  const all = (await inTurn(() => ask<Kept[]>('readonly', store => store.getAll()))) ?? []
  const isOld = ({ since }: Kept) => Math.abs(Date.now() - since) > longest
  for (const { url } of all.filter(isOld)) void forget(url)
  return all.filter(kept => !isOld(kept))
}

/** What is forgotten must not be kept by what was asked for before and comes late. */
function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
  const turn = last.then(act)
  last = turn.catch(() => {})
  return turn
}

/** Nothing, where the browser keeps nothing, as in a private window: then the file is picked again. */
async function ask<Result>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<Result | undefined> {
  try {
    const database = await open()
    try {
      return (await done(act(database.transaction(name, mode).objectStore(name)))) as Result
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('dropgate')
  request.onupgradeneeded = () => request.result.createObjectStore(name, { keyPath: 'url' })
  return done(request)
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
