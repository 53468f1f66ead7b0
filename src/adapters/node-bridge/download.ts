import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DownloadOptions, Uploads } from '../../server/types.ts'
import { openExchange } from './bridge.ts'

/**
 * Answers a route of your own with a stored file; see `uploads.download`. Never rejects. A reader who leaves early leaves
 * nothing open.
 *
 * @param name the file's name as the storage gave it, decoded; never a path
 * @example
 * app.get('/files/:name', (req, res) => sendDownload(uploads, req, res, req.params.name))
 */
export async function sendDownload(
  uploads: Pick<Uploads, 'download'>,
  req: IncomingMessage,
  res: ServerResponse,
  name: string,
  options?: DownloadOptions,
): Promise<void> {
  const exchange = openExchange(req, res)
  await exchange.send(await uploads.download(exchange.request, name, options))
}
