import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import type { CsrfGuard } from './csrf.ts'
import type { Downloads } from './downloads.ts'
import type { ReceivedUploads } from './endpoint.ts'
import type { Settings } from './options.ts'
import type { PageCounts } from './page-counts.ts'
import type { Pages } from './pages.ts'
import type { Resumables } from './resumable.ts'
import type { ResumableDialect } from './resumable-surroundings.ts'

/** What the endpoint's routes work with, whatever the request. */
export interface Surroundings {
  readonly settings: Settings
  readonly guard: CsrfGuard | undefined
  readonly counts: PageCounts
  readonly pages: Pages
  readonly downloads: Downloads
  /** Reads and stores the uploads of a request. */
  receive(request: IncomingRequest, context: RequestContext): Promise<ReceivedUploads>
  /** Undefined where the storage keeps no unfinished uploads. */
  readonly resumables: Resumables | undefined
  /** What an OPTIONS request is told of resuming. */
  features(request: IncomingRequest, context: RequestContext): Readonly<Record<string, string>>
  /** Answers a request of tus or of the IETF protocol. */
  resume(
    request: IncomingRequest,
    context: RequestContext,
    dialect: ResumableDialect,
    id: string | undefined,
  ): Promise<Answer>
}
