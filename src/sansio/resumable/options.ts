/** The answer to OPTIONS: a request for what we can do names no protocol, so all of them are told. */
import { ietfFeatures } from './ietf/reply.ts'
import type { InteropVersion } from './ietf/version.ts'
import type { Reply, ResumableCapabilities } from './intent.ts'
import { replyTus } from './tus/reply.ts'

/**
 * What tus and the IETF protocol tell in an answer to OPTIONS. `Allow` and what CORS needs are the caller's to add.
 *
 * @param interop the version the request names, if any: it decides how a limit is called
 * @example replyOptions(capabilities).headers['Tus-Version'] // '1.0.0'
 */
export function replyOptions(capabilities: ResumableCapabilities, interop?: InteropVersion): Reply {
  const { status, headers } = replyTus({ kind: 'options' }, capabilities)
  return { status, headers: { ...headers, ...ietfFeatures(capabilities, interop) } }
}
