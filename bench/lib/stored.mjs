/** What a contender stored, against what was sent. */
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expectedHash } from './content.mjs'

/** Names of visible files; tus servers keep a description beside each. */
export function storedNames(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.json'))
    .map(entry => entry.name)
}

/**
 * Number and size of all files; the bytes of all of them when `hash` is true.
 *
 * @param {string} folder
 * @param {readonly string[]} before names that were there before
 * @throws Error with a sentence when something is missing or wrong
 */
export async function checkStored(folder, before, { files, size, kind, unit, firstIndex }, hash) {
  const old = new Set(before)
  const names = storedNames(folder).filter(name => !old.has(name))
  if (names.length !== files) throw new Error(`stored ${names.length} files of ${files}`)
  for (const name of names) {
    const stored = statSync(join(folder, name)).size
    if (stored !== size) throw new Error(`stored ${stored} bytes of ${size}`)
  }
  if (!hash) return
  const missing = new Map()
  for (let index = firstIndex; index < firstIndex + files; index++) {
    const wanted = expectedHash({ kind, size, unit, index })
    missing.set(wanted, (missing.get(wanted) ?? 0) + 1)
  }
  for (const name of names) {
    const found = await hashOfFile(join(folder, name))
    if (!missing.get(found)) throw new Error(`stored wrong bytes in ${name}`)
    missing.set(found, missing.get(found) - 1)
  }
}

async function hashOfFile(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}
