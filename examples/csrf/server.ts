/** Uploads and ordinary forms, protected against cross-site request forgery. */
import { CsrfError, dropgate } from 'dropgate'
import { csrf } from 'dropgate/csrf'
import { diskStorage } from 'dropgate/disk'
import { csrfProtect, expressUploads, receiveFiles } from 'dropgate/express'
import type { ErrorRequestHandler } from 'express'
import { folder, listen, newApp, page } from '../shared.ts'

const secret = process.env.SECRET_KEY ?? 'a dev key, never for real visitors'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: 'image/*', maxFileSize: '3 MiB' },
  dropArea: { action: '/' },
  csrf: { secret },
})

const app = newApp()
app.set('views', `${import.meta.dirname}/views`)
app.use(
  csrfProtect(csrf({ secret }), { uploads, uploadRoutes: ['/'], onError: (error, _req, _res, next) => next(error) }),
)
app.use(expressUploads(uploads))

app.get('/', (_req, res) => res.render('index'))
app.post(
  '/',
  receiveFiles(uploads, async (files, _req, res) => {
    for await (const file of files) await file.save()
    res.sendStatus(204)
  }),
)
app.post('/rename', (_req, res) => res.send(page('Renamed', '<p><a href="/">Back</a></p>')))

const csrfError: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof CsrfError) res.status(400).type('text').send(error.description)
  else next(error)
}
app.use(csrfError)
listen(app, 'csrf')
