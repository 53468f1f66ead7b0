/** Which file a path asks for. */
const prefix = '/files/'

/**
 * The file name that a path asks for, or undefined when it asks for no file. Names that are none are the storage's to
 * refuse: it reads no hidden file and nothing outside its folder.
 *
 * @param path as on the wire, still percent-encoded
 */
export function nameOfDownload(path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined
  try {
    return decodeURIComponent(path.slice(prefix.length))
  } catch {
    return undefined
  }
}
