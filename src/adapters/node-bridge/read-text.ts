import type { IncomingMessage, ServerResponse } from 'node:http'
import { textOf } from '../../upload/text.ts'
import { openExchange } from './bridge.ts'
import { type BridgeOptions, bridgeLimits } from './limits.ts'

/**
 * The body of a short request as text, for routes of your own without a body parser. It has the minimum rate that
 * uploads have, which stands in for Node's `requestTimeout`: that is off after {@link prepareServer}.
 *
 * @param maxBytes more is refused
 * @throws UploadError `field-too-long` (413), `too-slow` (408), `aborted` when the sender vanished, `body-consumed`
 * (500) when somebody has read it before; its `status` and `message` are fit for the answer
 * @example
 * const form = new URLSearchParams(await readText(req, res, 4096))
 */
export async function readText(
  req: IncomingMessage,
  res: ServerResponse,
  maxBytes: number,
  options?: BridgeOptions,
): Promise<string> {
  return textOf(openExchange(req, res, bridgeLimits(options)).request.body, maxBytes)
}
