/** Files going out: always as an attachment, never as a page of this origin. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Storage } from '../index.ts'

const prefix = '/files/'

/**
 * The file name that a path asks for, or undefined when it asks for no file. Names that are none are the storage's to
 * refuse: it reads no hidden file and nothing outside its folder.
 *
 * @param path as on the wire, still percent-encoded
 */
export function nameOfDownload(path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined
  try {
    return decodeURIComponent(path.slice(prefix.length))
  } catch {
    return undefined
  }
}

/**
 * Sends a file, or returns false when the storage has none of that name.
 *
 * @param storage one that can read
 */
export async function sendDownload(
  storage: Pick<Storage, 'read'>,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  const file = await storage.read?.(name)
  if (!file) return false
  res.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': file.size,
    'Content-Disposition': attachment(name),
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Last-Modified': new Date(file.modified).toUTCString(),
    'Cache-Control': 'private, no-cache',
  })
  if (req.method === 'HEAD') {
    await file.body.cancel()
    res.end()
    return true
  }
  // A reader who leaves early is no failure of ours.
  await pipeline(Readable.fromWeb(file.body as NodeReadableStream<Uint8Array>), res).catch(() => res.destroy())
  return true
}

/**
 * `Content-Disposition` for a name in any script (RFC 6266, with the extended value of RFC 8187). The plain value is
 * for clients that know no other: what it cannot hold becomes `_`.
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  const extended = encodeURIComponent(name).replace(
    /['()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`
}
