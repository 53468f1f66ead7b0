/** The lines that the command line prints: for people, or one JSON object a line. */

import type { LogForm } from './args.ts'

/** What is known of a request beside its file; only in JSON. */
interface Facts {
  /** Milliseconds since 1970. */
  readonly time?: number
  readonly protocol?: string
  readonly remoteAddress?: string
  /** Milliseconds since the request began. */
  readonly duration?: number
  /** The first letters of the upload's id. */
  readonly upload?: string
  readonly status?: number
}

export type News =
  | { readonly event: 'listening'; readonly url: string; readonly directory: string }
  | ({ readonly event: 'kept'; readonly name: string; readonly size: number } & Facts)
  | ({ readonly event: 'refused'; readonly name?: string; readonly code: string; readonly message: string } & Facts)
  | { readonly event: 'swept'; readonly removed: number; readonly time: number }

/**
 * One line of news.
 *
 * @param formatSize how bytes are written for people
 * @returns the line, without its end, safe to print on a terminal; undefined where nothing is to be printed
 */
export function newsLine(news: News, form: LogForm, formatSize: (bytes: number) => string): string | undefined {
  if (form === 'silent') return undefined
  return printable(form === 'json' ? JSON.stringify(news) : sentence(news, formatSize))
}

function sentence(news: News, formatSize: (bytes: number) => string): string {
  switch (news.event) {
    case 'listening':
      return `Dropgate is listening on ${news.url} and saves to ${news.directory}`
    case 'kept':
      return `kept ${news.name} (${formatSize(news.size)})`
    case 'refused':
      return `refused ${news.name === undefined ? 'a request' : news.name}: ${news.message}`
    case 'swept':
      return `gave up unfinished uploads: ${news.removed}`
  }
}

/**
 * Text that cannot move the cursor, colour the terminal, break the line or turn the writing direction: control and
 * bidirectional characters are written as `\u001b`. Inside JSON that is the same character.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
