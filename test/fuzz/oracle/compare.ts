/** What became of a body with one reader, in words from a closed list. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { Part } from './classes.ts'
import { type Reader, Refused } from './peers.ts'

export type Outcome = { readonly parts: readonly Part[] } | 'refuses' | 'crashes' | 'hangs'

/** Turns of the event loop after which a reader that has had all its input must have come to an end. */
const turnsAllowed = 60

let crash: unknown

/** From now on an error that nobody catches counts against the reader that is running. It no longer ends the process. */
export function watchForCrashes(): void {
  process.on('uncaughtException', error => (crash = error))
  process.on('unhandledRejection', error => (crash = error))
}

/** @param patient wait 50 ms more before saying that it hangs */
export async function outcomeOf(reader: Reader, contentType: string, body: Buffer, patient: boolean): Promise<Outcome> {
  crash = undefined
  let outcome: Outcome | undefined
  const settled = (async () => reader.read(contentType, body))().then(
    parts => (outcome = { parts }),
    error => (outcome = error instanceof Refused ? 'refuses' : 'crashes'),
  )
  for (let n = 0; n < turnsAllowed && outcome === undefined && crash === undefined; n++) await turn()
  if (outcome === undefined && crash === undefined && patient) await Promise.race([settled, delay(50)])
  // What is thrown where nobody can catch it ends the process, whatever had been answered.
  if (outcome === undefined || crash === undefined) await turn()
  if (crash !== undefined) return 'crashes'
  return outcome ?? 'hangs'
}

/**
 * A reader's outcome in words, compared with what we do.
 *
 * @param meant the parts we read; undefined: we refuse
 * @returns `same`, `refuses`, `reads`, `reads nothing`, `crashes`, `hangs`, or what is different, joined by ` + `
 */
export function wordsOf(outcome: Outcome, meant: readonly Part[] | undefined): string {
  if (typeof outcome === 'string') return outcome
  const { parts } = outcome
  if (!meant) return parts.length === 0 ? 'reads nothing' : 'reads'
  if (parts.length !== meant.length) return parts.length < meant.length ? 'loses parts' : 'invents parts'
  const theirs = inKinds(parts)
  const ours = inKinds(meant)
  if (theirs.files.length !== ours.files.length) {
    return theirs.files.length < ours.files.length ? 'field for file' : 'file for field'
  }
  const found = new Set<string>()
  for (const kind of ['fields', 'files'] as const) {
    ours[kind].forEach((part, n) => {
      for (const difference of differences(theirs[kind][n] as Part, part)) found.add(difference)
    })
  }
  return [...found].sort().join(' + ') || 'same'
}

/** Some tell fields and files apart from each other, so their common order is lost. */
function inKinds(parts: readonly Part[]): { fields: Part[]; files: Part[] } {
  return {
    fields: parts.filter(part => part.filename === undefined),
    files: parts.filter(part => part.filename !== undefined),
  }
}

function differences(theirs: Part, ours: Part): string[] {
  const isFile = ours.filename !== undefined
  // Of fields they tell the text, not the bytes.
  const meant = isFile ? ours.content : Buffer.from(Buffer.from(ours.content, 'latin1').toString()).toString('latin1')
  return [
    ...(theirs.name === text(ours.name) ? [] : ['other name']),
    ...(isFile && theirs.filename !== text(ours.filename ?? '') ? ['other file name'] : []),
    ...(isFile && ours.type && essence(theirs.type) !== ours.type ? ['other type'] : []),
    ...(theirs.content === meant || theirs.content === ours.content ? [] : ['other content']),
  ]
}

/** The generator writes one letter for each byte. */
function text(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

function essence(type: string | undefined): string {
  return (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
