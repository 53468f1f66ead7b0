/** When all files are up, and none was refused, the browser goes on to another page. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { folder, listen, newApp, page } from '../shared.ts'

const completed = '/completed'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: 'image/*', maxFileSize: '3 MiB' },
  dropArea: { redirectUrl: completed },
  redirectUrl: completed, // the same for the form without script
})

const app = newApp()
app.use(expressUploads(uploads))
app.get('/', (_req, res) => res.send(page('Complete redirect', res.locals.dropzone.dropArea())))
app.get(completed, (_req, res) => res.send(page('Your files are here', '<p><a href="/">Upload more</a></p>')))
listen(app, 'complete-redirect')
