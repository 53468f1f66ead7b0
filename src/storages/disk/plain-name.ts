/** One visible path component: not empty, no leading dot (so not `.` nor `..`), no separator, no NUL. */
export function isPlainName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name)
}
