/**
 * The types that a browser may be told, by extension: pictures made of pixels, sound, film and plain text. None of them
 * can run a script or send a form, wherever it is shown. SVG, HTML, XML and PDF are missing on purpose.
 */
const harmless: Readonly<Record<string, string>> = {
  '.apng': 'image/apng',
  '.avif': 'image/avif',
  '.bmp': 'image/bmp',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.aac': 'audio/aac',
  '.flac': 'audio/flac',
  '.m4a': 'audio/mp4',
  '.mp3': 'audio/mpeg',
  '.oga': 'audio/ogg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.mp4': 'video/mp4',
  '.ogv': 'video/ogg',
  '.webm': 'video/webm',
  '.csv': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * The type under which a file may be shown in a browser.
 *
 * It is told by the name alone: what the sender declared is the sender's word.
 *
 * @param extension last extension in lower case with its dot, `''` if none
 * @returns undefined for a file that is only to be saved
 * @example harmlessType('.png') // 'image/png'
 */
export function harmlessType(extension: string): string | undefined {
  return Object.hasOwn(harmless, extension) ? harmless[extension] : undefined
}
