/** Door `dropgate/csrf`: protection against cross-site request forgery for a whole app. */

export { checkOrigin, defineTrustedOrigins, type OriginFacts } from './sansio/csrf/origin.ts'
export { CsrfError, UploadError } from './sansio/errors.ts'
export { type AppCsrfOptions, type Csrf, type CsrfToken, csrf } from './server/csrf-app.ts'
export type { CsrfOptions } from './server/csrf-options.ts'
