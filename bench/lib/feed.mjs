/** Writes chunks into a stream and waits where it asks for it. */
import { once } from 'node:events'

/** @returns `found`, when the stream emitted `last` */
export async function feed(stream, chunks, last, found) {
  const ended = once(stream, last)
  for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain')
  stream.end()
  await ended
  return found
}
