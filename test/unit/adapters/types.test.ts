import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express'
import { expectTypeOf, test } from 'vitest'
import { expressUploads, receiveFiles, uploadErrors } from '../../../src/adapters/express.ts'
import { type FetchHandler, fetchUploads } from '../../../src/adapters/fetch.ts'
import { nodeUploads, receiveFiles as receiveNodeFiles } from '../../../src/adapters/node-bridge/handlers.ts'
import type { Files, Uploads } from '../../../src/server/types.ts'

// Checked by the compiler (tsc -p test); at run time only that nothing throws.
const uploads = { path: '/uploads' } as Uploads

test('in an Express route the parameters are those of Express', () => {
  const app = express()
  app.post(
    '/upload',
    receiveFiles(uploads, async (files, req, res) => {
      expectTypeOf(files).toEqualTypeOf<Files>()
      expectTypeOf(req).toExtend<Request>()
      expectTypeOf(res).toExtend<Response>()
      res.sendStatus(204)
    }),
  )
  app.use(expressUploads(uploads))
  app.use(uploadErrors())
  app.use(uploadErrors(uploads))
})

test('handlers are assignable to the types of Express and Node', () => {
  expectTypeOf(expressUploads(uploads)).toExtend<RequestHandler>()
  expectTypeOf(nodeUploads(uploads)).toExtend<RequestHandler>()
  expectTypeOf(uploadErrors()).toExtend<ErrorRequestHandler>()
  expectTypeOf(nodeUploads(uploads)).toExtend<(req: IncomingMessage, res: ServerResponse) => void>()
  expectTypeOf(fetchUploads(uploads)).toEqualTypeOf<FetchHandler>()
  expectTypeOf(fetchUploads(uploads)).toExtend<(request: globalThis.Request) => Promise<globalThis.Response>>()
})

test('on plain Node the parameters are those of Node', () => {
  receiveNodeFiles(uploads, (_files, req, res) => {
    expectTypeOf(req).toEqualTypeOf<IncomingMessage>()
    expectTypeOf(res).toEqualTypeOf<ServerResponse>()
  })
})
