/** One big file: the limit is raised, and neither the page nor the server gives up because it takes long. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { folder, listen, newApp, page } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { maxFileSize: '10 GiB', maxFiles: 1 }, // the default is 256 MiB
})

const app = newApp()
app.use(expressUploads(uploads))
app.get('/', (_req, res) => res.send(page('Large file', res.locals.dropzone.dropArea())))
listen(app, 'large-file')
