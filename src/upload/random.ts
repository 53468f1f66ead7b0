/** Chance, for the floors above: floor 0 takes it as an argument. */
import { randomFilename as randomFilenameFrom } from '../sansio/filename.ts'

/** 128 random bits as 32 hex digits: an id nobody can guess. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * A name nobody can guess, with the cleaned extension of the old one; Flask-Dropzone's `random_filename`.
 *
 * @example randomFilename('Holiday.JPG') // '0f8e…32 hex digits….jpg'
 */
export function randomFilename(old: string): string {
  return randomFilenameFrom(old, randomId())
}
