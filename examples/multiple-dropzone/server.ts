/** Two drop areas on one page, each with limits of its own, on one endpoint. The server holds each to its own. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { folder, listen, newApp } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: ['image/*', '.pdf', '.txt'], maxFileSize: '10 MiB' },
  csrf: { secret: process.env.SECRET_KEY ?? 'a dev key, never for real visitors' }, // signs what a page says of its own
})

const app = newApp()
app.set('views', `${import.meta.dirname}/views`)
app.use(expressUploads(uploads))
app.get('/', (_req, res) => {
  const photos = { id: 'photos', accept: 'image/*', maxFiles: 10, defaultMessage: 'Drop photos here.' }
  const papers = { id: 'papers', accept: '.pdf, .txt', maxFileSize: '1 MiB', defaultMessage: 'Drop papers here.' }
  res.render('index', { areas: [photos, papers] })
})
listen(app, 'multiple-dropzone')
