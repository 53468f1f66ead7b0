/**
 * Who carries an upload: one page at a time. Two that write to the same upload would end each other's requests, so the
 * same file twice, in one tab or in two, is two uploads.
 */

/** Uploads of this page that are on their way, and how to let them go. */
const held = new Map<string, () => void>()

const lockOf = (url: string) => `dropgate ${url}`

/**
 * Takes an upload for this page. Web Locks tell the tabs apart, and end with their page; outside secure contexts there
 * are none, and only this page's own uploads are known.
 *
 * @returns false when it is on its way already
 */
export async function claim(url: string): Promise<boolean> {
  if (held.has(url)) return false
  let letGo = () => {}
  const released = new Promise<void>(resolve => {
    letGo = resolve
  })
  held.set(url, letGo)
  const free = await new Promise<boolean>(resolve => {
    const take = (lock: Lock | null) => {
      resolve(lock !== null)
      return lock ? released : undefined
    }
    // Rejects where the page may not lock, as in a sandboxed frame.
    locks()
      ?.request(lockOf(url), { ifAvailable: true }, take)
      .catch(() => resolve(true)) ?? resolve(true)
  })
  if (!free) release(url)
  return free
}

/** Gives an upload back. */
export function release(url: string): void {
  held.get(url)?.()
  held.delete(url)
}

/** Settles once no page has the upload: a tab that carries it may take hours, or be closed. */
export async function whenFree(url: string): Promise<void> {
  await locks()?.request(lockOf(url), () => {})
}

function locks(): LockManager | undefined {
  return (navigator as { locks?: LockManager }).locks
}
