/** Looks through every line that engines wrote while the suites ran (threat rows 38 and 77). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What no line may hold. */
const forbidden = [
  ['a control or bidirectional character', /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u],
  // Version 1 and 74 more bytes, or a payload as well.
  ['a CSRF token', /(?<![\w-])A[Q-Za-f][\w-]{98,}/],
  ['a cookie', /\bcookie["']?\s*[:=]\s*["']?\S/i],
  ['the value of a cookie of ours', /\bdropgate(?:_token)?=[\w.%~-]{6}/],
  ['an Authorization value', /\bauthorization["']?\s*[:=]\s*["']?\S|\b(?:bearer|basic)\s+[\w.~+/-]{6}/i],
  ['the key of a signed URL', /[?&]key=[\w.~%-]{6}/],
  ['more than 8 letters of an upload id', /"upload":"[^"]{9}|\bupload-(?:create|finish) [\w-]{9}/],
  // With an extension behind it, it is the name of a file (`naming: 'random'`).
  ['a whole upload id', /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f]|\.\w)/],
]

/**
 * @param lines without their ends
 * @param least so many at least, or nothing was looked at
 * @returns what is wrong, one sentence each
 */
export function faultsOfLines(lines, least = 0) {
  const faults = lines.flatMap(line =>
    forbidden
      .filter(([, pattern]) => pattern.test(line))
      .map(([what]) => `${what} in a line of a log: ${JSON.stringify(line.slice(0, 400))}`),
  )
  if (lines.length < least) faults.push(`only ${lines.length} lines were written, ${least} at least were expected`)
  return [...new Set(faults)]
}

/**
 * The lines that test/support/lines.mjs has kept in a folder.
 *
 * @param formatEvent the engine's own: an event is looked at as the lines that it makes of it
 * @param whose `'tests'` or `'child'`: of these processes only
 */
export function keptLines(folder, formatEvent, whose = '') {
  const names = readdirSync(folder).filter(name => name.startsWith(whose))
  return names.flatMap(name => {
    const entries = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean).map(parsed)
    const output = entries.map(({ output }) => output ?? '').join('')
    return [
      ...output.split('\n').filter(Boolean),
      ...entries.flatMap(({ line, event }) => {
        if (event) return [formatEvent(event), formatEvent(event, 'json')]
        return line === undefined ? [] : [line]
      }),
    ]
  })
}

/** Whoever was killed in the middle of a line has written the beginning of one. */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
