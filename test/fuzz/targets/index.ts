import type { Target } from '../target.ts'
import { contentTypeTarget, dispositionTarget, originTarget, structuredTarget } from './headers.ts'
import { multipartTarget } from './multipart.ts'
import { headTarget, metadataTarget } from './resumable.ts'
import { chunkTarget, cookieTarget, nameTarget, tokenTarget } from './values.ts'

/** Everything that is fuzzed. */
export const targets: readonly Target[] = [
  multipartTarget(),
  contentTypeTarget(),
  dispositionTarget(),
  structuredTarget(),
  originTarget(),
  headTarget('tus'),
  headTarget('ietf'),
  metadataTarget(),
  chunkTarget(),
  tokenTarget(),
  cookieTarget(),
  nameTarget(),
]
