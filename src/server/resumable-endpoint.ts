/** tus and the IETF protocol: parse(head) -> intent -> the service -> outcome -> reply. Both run through this one shell. */

import { binaryName } from '../protocols/binary.ts'
import type { UploadError } from '../sansio/errors.ts'
import { parseIetf } from '../sansio/resumable/ietf/parse.ts'
import { announceProgress, announceUpload, replyIetf } from '../sansio/resumable/ietf/reply.ts'
import { interopVersion } from '../sansio/resumable/ietf/version.ts'
import type { Outcome, Reply, ResumableIntent } from '../sansio/resumable/intent.ts'
import { parseTus } from '../sansio/resumable/tus/parse.ts'
import { replyTus } from '../sansio/resumable/tus/reply.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import type { Exchange, ResumableDialect, ResumableSurroundings } from './resumable-surroundings.ts'
import { run } from './resumable-verbs.ts'

/**
 * Answers a request of either dialect.
 * @param id of the upload in the URL; undefined at the endpoint itself
 */
export async function answerResumable(
  request: IncomingRequest,
  dialect: ResumableDialect,
  id: string | undefined,
  at: ResumableSurroundings,
): Promise<Answer> {
  const ietf = { capabilities: at.capabilities, now: at.now(), interop: interopVersion(request) }
  const reply = (result: Outcome | UploadError): Reply =>
    dialect === 'tus' ? replyTus(result, at.capabilities) : replyIetf(result, ietf)
  const inform = (interim: Reply | undefined): boolean => {
    if (dialect === 'tus' || !interim || !at.context.inform) return false
    return at.context.inform(interim.status, interim.headers)
  }
  const exchange: Exchange = {
    request,
    dialect,
    id,
    at,
    announce: view => inform(announceUpload(view, ietf)),
    progress: offset => void inform(announceProgress(offset, ietf)),
  }
  try {
    const intent = parse(request, dialect, id, at)
    await at.prepare()
    return respond(request, reply(await run(exchange, intent)))
  } catch (error) {
    return respond(request, reply(await at.refused(error, request)))
  }
}

function parse(
  request: IncomingRequest,
  dialect: ResumableDialect,
  id: string | undefined,
  { path, publicUrl, capabilities }: ResumableSurroundings,
): ResumableIntent {
  const target = id === undefined ? {} : { id }
  if (dialect === 'ietf') {
    const name = binaryName(request)
    return parseIetf(request, name === undefined ? target : { ...target, name })
  }
  const own = URL.canParse(request.url) ? [new URL(request.url).origin] : []
  const origins = publicUrl === undefined ? own : [publicUrl, ...own]
  return parseTus(request, { ...target, basePath: path, origins, capabilities })
}

function respond({ method }: IncomingRequest, { status, headers, body }: Reply): Answer {
  return method === 'HEAD' || body === undefined ? { status, headers } : { status, headers, body }
}
