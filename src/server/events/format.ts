import { formatSize } from '../../sansio/bytes/size.ts'
import { oneLine } from '../options.ts'
import type { UploadEvent } from './types.ts'

/**
 * An event as one line for a log.
 *
 * Names and addresses come from strangers: control and bidirectional characters are escaped, so that nothing in them
 * breaks the line, moves a cursor or turns the text.
 *
 * @param form `'json'`: the event as one JSON object; `'pretty'`: for people
 * @returns the line without its end
 * @example dropgate({ storage, onEvent: event => console.log(formatEvent(event, 'json')) })
 */
export function formatEvent(event: UploadEvent, form: 'json' | 'pretty' = 'pretty'): string {
  return oneLine(form === 'json' ? JSON.stringify(event) : sentence(event))
}

function sentence(event: UploadEvent): string {
  const words = [new Date(event.time).toISOString(), event.kind, ...facts(event)]
  if ('duration' in event) words.push(`in ${event.duration} ms`)
  if ('protocol' in event) words.push(`by ${event.protocol}`)
  if ('remoteAddress' in event) words.push(`from ${event.remoteAddress}`)
  return words.join(' ')
}

function facts(event: UploadEvent): string[] {
  switch (event.kind) {
    case 'request-start':
    case 'request-end':
    case 'upload-stall':
      return []
    case 'upload-create':
      return [event.upload, event.name, ...(event.bytes === undefined ? [] : [`(${formatSize(event.bytes)})`])]
    case 'upload-finish':
      return [event.upload, event.name, `(${formatSize(event.bytes)})`]
    case 'upload-reject':
      return [`${event.status} ${event.code}`, ...(event.name === undefined ? [] : [event.name])]
    case 'sweep':
      return [`${event.removed} unfinished uploads removed`]
  }
}
