/** What all examples share: a folder, a page around a drop area, and the listening line. */
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { prepareServer } from 'dropgate/node'
import express, { type Express } from 'express'

/** Where the files go. */
export const folder = resolve(process.env.UPLOAD_DIR ?? 'uploads')

/** An app whose pages run under a strict Content-Security-Policy, with `style.css` for all of them. */
export function newApp(): Express {
  const app = express()
  app.use((_req, res, next) => {
    res.setHeader('Content-Security-Policy', "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'")
    next()
  })
  app.get('/style.css', (_req, res) => res.sendFile('style.css', { root: import.meta.dirname }))
  app.set('view engine', 'ejs')
  return app
}

/** A whole page. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`
}

/** Listens on 127.0.0.1 and the port of the environment. */
export function listen(app: Express, name: string): void {
  const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', error => {
    if (error) throw error
    const { port } = server.address() as AddressInfo
    console.log(`Example ${name} is listening on http://127.0.0.1:${port}/ and saves to ${folder}`)
  })
  prepareServer(server)
}
