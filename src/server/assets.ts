/** The static files of the page: read once, named with a hash of their content, cached by browsers for ever. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { UploadError } from '../sansio/errors.ts'

const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const

/** The file names under `path/-/`. */
export const assetNames = ['dropgate.js', 'dropgate-glue.js', 'dropgate.css'] as const
export type AssetName = (typeof assetNames)[number]

interface Asset {
  readonly text: string
  /** First 16 hex digits of SHA-256. */
  readonly hash: string
}

const cache = new Map<AssetName, Asset>()

/** The URL of a static file, with its hash as query. */
export function assetUrl(path: string, name: AssetName): string {
  return `${path}/-/${name}?v=${load(name).hash}`
}

/** Answers GET and HEAD of a static file; throws `not-found` for any other name. */
export function serveAsset(
  name: string,
  request: { method: string; headers: { get(name: string): string | null } },
): Response {
  const known = assetNames.find(asset => asset === name)
  if (known === undefined) throw new UploadError('not-found', 'Not found.')
  const { text, hash } = load(known)
  const headers = {
    'Content-Type': types[known.endsWith('.css') ? 'css' : 'js'],
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    ETag: `"${hash}"`,
  }
  if (request.headers.get('if-none-match')?.includes(`"${hash}"`)) return new Response(null, { status: 304, headers })
  return new Response(request.method === 'HEAD' ? null : text, { headers })
}

function load(name: AssetName): Asset {
  let asset = cache.get(name)
  if (asset === undefined) {
    const text = readFileSync(new URL(name, folder()), 'utf8')
    asset = { text, hash: createHash('sha256').update(text).digest('hex').slice(0, 16) }
    cache.set(name, asset)
  }
  return asset
}

/** `assets/` of the built package; also found when the source is run directly. */
function folder(): URL {
  const built = new URL('../assets/', import.meta.url)
  return existsSync(built) ? built : new URL('../../dist/assets/', import.meta.url)
}
