/** Door `dropgate/csrf`: the origin check, for routes that are not ours. */

export { checkOrigin, defineTrustedOrigins, type OriginFacts } from './sansio/csrf/origin.ts'
export { UploadError } from './sansio/errors.ts'
