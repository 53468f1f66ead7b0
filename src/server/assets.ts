/** The static files of the page: read once, named with a hash of their content, cached by browsers for ever. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'

const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const

/** The file names under `path/-/`. */
export const assetNames = ['dropgate.js', 'dropgate-glue.js', 'dropgate-tus.js', 'dropgate.css'] as const
export type AssetName = (typeof assetNames)[number]

interface Asset {
  readonly text: string
  readonly hash: string
}

const cache = new Map<AssetName, Asset>()

/** The URL of a static file, with its hash as query. */
export function assetUrl(path: string, name: AssetName): string {
  return `${path}/-/${name}?v=${load(name).hash}`
}

/** Answers GET and HEAD of a static file; throws `not-found` for any other name. */
export function serveAsset(name: string, request: HeadRequest): Answer {
  const known = assetNames.find(asset => asset === name)
  if (known === undefined) throw new UploadError('not-found', 'Not found.')
  return serveText(load(known).text, known.endsWith('.css') ? 'css' : 'js', request)
}

type HeadRequest = Pick<IncomingRequest, 'method' | 'headers'>

/** Answers with a text whose URL changes when it does. */
export function serveText(text: string, type: keyof typeof types, request: HeadRequest): Answer {
  const etag = `"${hashOf(text)}"`
  const headers = {
    'Content-Type': types[type],
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    ETag: etag,
  }
  if (request.headers.get('if-none-match')?.includes(etag)) return { status: 304, headers }
  return { status: 200, headers, ...(request.method !== 'HEAD' && { body: text }) }
}

/** First 16 hex digits of SHA-256. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function load(name: AssetName): Asset {
  let asset = cache.get(name)
  if (asset === undefined) {
    const text = readFileSync(new URL(name, folder()), 'utf8')
    asset = { text, hash: hashOf(text) }
    cache.set(name, asset)
  }
  return asset
}

/** `assets/` of the built package; also found when the source is run directly. */
function folder(): URL {
  const built = new URL('../assets/', import.meta.url)
  return existsSync(built) ? built : new URL('../../dist/assets/', import.meta.url)
}
