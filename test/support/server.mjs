/**
 * One server of the built package in a process of its own, so that its memory and its system calls can be watched.
 *
 * `node server.mjs <kind> <folder> [--fast]` prints its port and ends when its standard input does.
 * The kinds: `node`, `express`, `hono` have the endpoint at /uploads; `files` is an own route that saves each file;
 * `download` gives out the file that the path names.
 * `--fast` switches the fsyncs off.
 */
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { fetchUploads } from 'dropgate/fetch'
import { nodeUploads, prepareServer, receiveFiles, sendDownload } from 'dropgate/node'
import express from 'express'
import { Hono } from 'hono'

const [kind, folder, speed] = process.argv.slice(2)
const policy = { maxFileSize: '2 GiB', maxFiles: 1000, maxTotalSize: '4 GiB' }
const uploads = dropgate({ storage: diskStorage(folder, { durable: speed !== '--fast' }), policy })

const kinds = {
  node: () => prepareServer(createServer(nodeUploads(uploads))),
  express: () => prepareServer(createServer(express().use(expressUploads(uploads)))),
  files: () => prepareServer(createServer(receiveFiles(uploads, saveEach))),
  download: () => prepareServer(createServer((req, res) => void sendDownload(uploads, req, res, req.url.slice(1)))),
  hono: () => {
    const handle = fetchUploads(uploads)
    const app = new Hono().all('/uploads', context => handle(context.req.raw, context.env))
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  },
}

async function saveEach(files, _request, response) {
  const saved = []
  for await (const file of files) saved.push(await file.save(folder))
  response.writeHead(201, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ files: saved.map(({ name, size }) => ({ name, size })) }))
}

const server = kinds[kind]()
if (!server.listening) server.listen(0, '127.0.0.1')
const announce = () => console.log(server.address().port)
if (server.address()) announce()
else server.once('listening', announce)
process.stdin.on('end', () => process.exit()).resume()
