/** What a test and the server process say to one another. Nothing in here does anything. */
import type { PolicyOptions } from '../../src/index.ts'
import type { BridgeOptions } from '../../src/node.ts'

export interface ServerConfig {
  readonly policy?: PolicyOptions
  readonly naming?: 'original' | 'random'
  readonly bridge?: BridgeOptions
  /** Files called `<point>-<turns>.bin` fail there, files called `slow-<ms>.bin` are stored slowly. */
  readonly faults?: boolean
  /** Who looks through whole files; see `inspectors.ts`. */
  readonly inspect?: readonly ('image' | 'zip' | 'troublesome' | 'deadScanner' | 'scanner')[]
  /** Uploads over several requests as well; without it the storage is one that knows whole files only. */
  readonly resumable?: boolean
  /** What Node's own limit for a whole request is before the server is prepared, in milliseconds. */
  readonly requestTimeout?: number
  /** A link stands in place of the folder of temporaries before the server starts. */
  readonly planted?: boolean
}

/** The moments of an upload at which a file called `<point>-<turns>.bin` fails. */
export const faultPoints = [
  'onUploadCreate',
  'create',
  'validate',
  'append',
  'naming',
  'commit',
  'onUploadFinish',
  'remove',
] as const

/** What the server says about itself. */
export interface Facts {
  /** Bytes read from all of its connections. */
  readonly read: number
  /** Bytes handed to the storage. */
  readonly stored: number
  /** Lines of its log. */
  readonly log: readonly string[]
  /** What can be found on `Object.prototype`. */
  readonly prototype: readonly string[]
}

export type Order =
  | { readonly id: number; readonly start: ServerConfig; readonly folder: string }
  | { readonly id: number; readonly facts: number }

export type Reply = { readonly id: number; readonly answer: number | Facts }
