/** All drop areas of a page. */
import { AREA_ATTRIBUTE, CONFIG_ATTRIBUTE } from '../sansio/dropzone/config.ts'
import { startArea } from './area.ts'
import type { DropzoneClass, DropzoneInstance } from './dropzone-like.ts'

const started = new WeakSet<HTMLElement>()

/**
 * Starts every drop area below `root` that does not run yet. May be called again after the page has changed.
 *
 * One that can not start is reported on the console, keeps its plain form and does not stop the others.
 *
 * @param Dropzone the class, version 5.9, 6.3 or 7
 * @returns the new instances
 * @example
 * import Dropzone from 'dropzone'
 * import { start, whenReady } from 'dropgate/client'
 * whenReady(() => start(Dropzone))
 */
export function start(Dropzone: DropzoneClass, root: ParentNode = document): DropzoneInstance[] {
  const instances: DropzoneInstance[] = []
  for (const element of root.querySelectorAll<HTMLElement>(`[${AREA_ATTRIBUTE}]`)) {
    if (started.has(element)) continue
    started.add(element)
    try {
      discovered(element)?.destroy()
      const dropzone = startArea(Dropzone, element)
      if (dropzone) instances.push(dropzone)
    } catch (error) {
      console.error(`Dropgate could not start the drop area "${element.id}":`, error)
    }
  }
  return instances
}

/** Says which settings have no drop area: the browser drops a form that stands inside another one. */
export function reportLost(): void {
  for (const island of document.querySelectorAll(`script[${CONFIG_ATTRIBUTE}]`)) {
    const id = island.getAttribute(CONFIG_ATTRIBUTE) ?? ''
    if (document.getElementById(id)) continue
    console.warn(`Dropgate found settings for "${id}" but no drop area. Inside a form, give inForm: true to create().`)
  }
}

/** Dropzone 5 may have been quicker and taken the element with no options at all. */
function discovered(element: HTMLElement & { dropzone?: DropzoneInstance }): DropzoneInstance | undefined {
  return element.dropzone
}

/**
 * Calls back once the page and the scripts deferred on it are there: at DOMContentLoaded, or at once when that is over
 * (a script that was added late).
 */
export function whenReady(callback: () => void): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  const over = document.readyState === 'complete' || (navigation?.domContentLoadedEventStart ?? 0) > 0
  if (over) callback()
  else document.addEventListener('DOMContentLoaded', callback, { once: true })
}
