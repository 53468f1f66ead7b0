/** A question before the page is left, only while that would stop an upload. */
import type { DropzoneInstance } from './dropzone-like.ts'

/** The listener is there only as long as it is needed: with one, browsers keep no page for the way back. */
export function warnWhile(dropzone: DropzoneInstance, isAtRisk: () => boolean): void {
  const ask = (event: BeforeUnloadEvent) => {
    event.preventDefault()
    // What older browsers look at.
    event.returnValue = true
  }
  const update = () => {
    if (isAtRisk()) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  }
  for (const event of ['sending', 'complete', 'canceled']) dropzone.on(event, update)
}
