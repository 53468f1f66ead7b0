/** Sizes as people write and read them. One unit system everywhere: binary (KiB, MiB, GiB). */

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size in bytes, or text such as `'50 MiB'`, `'1.5 GiB'`, `'800 KiB'`, `'512 bytes'`. */
export type Size = number | string

/**
 * Bytes as a short text, with at most two decimals: `12 MiB`, `1.5 KiB`, `0 bytes`.
 *
 * @example formatSize(12 * 1024 * 1024) // '12 MiB'
 */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  // 1023.999 KiB would round to "1024 KiB": compare after rounding.
  while (unit < units.length - 1 && Math.round(value * 100) / 100 >= 1024) {
    value /= 1024
    unit++
  }
  const rounded = Math.round(value * 100) / 100
  return `${rounded} ${unit === 0 && rounded === 1 ? 'byte' : units[unit]}`
}

/**
 * Reads a size. MB and MiB both mean 1024², as on the page (Dropzone's `maxFilesize` is MiB, called "MB").
 *
 * @returns bytes, or undefined when the text is not a size
 * @example parseSize('50 MiB') // 52428800
 */
export function parseSize(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(bytes?|[kmgt]i?b|[bkmgt])\s*$/i.exec(text)
  if (!match) return undefined
  const letter = (match[2] as string)[0]?.toLowerCase() as string
  return Math.floor(Number(match[1]) * 1024 ** 'bkmgt'.indexOf(letter))
}

/**
 * Fills a "file is too big" sentence. `{{filesize}}` and `{{maxFilesize}}` are MiB numbers as in Dropzone; where the
 * text says `MiB` right after the placeholder, the best unit is written instead ("600 KiB", not "0.59 MiB").
 *
 * @param size bytes of the file, or undefined when only "more than the limit" is known
 * @param max bytes allowed
 */
export function fileTooBigText(template: string, size: number | undefined, max: number): string {
  // One byte too many must not read "File is too big (10 MiB). Max filesize: 10 MiB."
  const prefix = size === undefined || formatSize(size) === formatSize(max) ? 'more than ' : ''
  const fill = (text: string, name: string, bytes: number, before: string) =>
    text.replace(new RegExp(`\\{\\{${name}\\}\\}( ?MiB)?`, 'g'), (_all, unit?: string) =>
      unit ? before + formatSize(bytes) : before + String(Math.round((bytes / 1024 ** 2) * 100) / 100),
    )
  return fill(fill(template, 'filesize', prefix ? max : (size ?? max), prefix), 'maxFilesize', max, '')
}
