/** Chance, for the floors above: floor 0 takes it as an argument. */
import { randomFilename as randomFilenameFrom } from '../sansio/filename.ts'

const idBytes = 16
/** Bytes drawn at once: each call to the system costs as much as a small file's bytes. */
const pool = new Uint8Array(256 * idBytes)
let used = pool.length
/** The two digits of each byte, as codes of letters: a text made of codes is one piece, not a chain of sixteen. */
const digits = Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, '0')
  return [text.charCodeAt(0), text.charCodeAt(1)] as const
})
const letters: number[] = new Array(2 * idBytes).fill(0)

/** 128 random bits as 32 hex digits: an id nobody can guess. */
export function randomId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  for (let at = 0; at < letters.length; used++) {
    const [high, low] = digits[pool[used] as number] as readonly [number, number]
    letters[at++] = high
    letters[at++] = low
    // What was given out is in nobody's memory but the receiver's; nor are its letters, below.
    pool[used] = 0
  }
  const id = String.fromCharCode(...letters)
  letters.fill(0)
  return id
}

/**
 * A name nobody can guess, with the cleaned extension of the old one; Flask-Dropzone's `random_filename`.
 *
 * @example randomFilename('Holiday.JPG') // '0f8e…32 hex digits….jpg'
 */
export function randomFilename(old: string): string {
  return randomFilenameFrom(old, randomId())
}
