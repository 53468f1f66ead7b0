/** Packages without types of their own, as far as the tests use them. */
declare module 'express4' {
  import express from 'express'
  export default express
}

declare module 'multer' {
  import type { RequestHandler } from 'express'
  export default function multer(): { any(): RequestHandler; single(field: string): RequestHandler }
}
