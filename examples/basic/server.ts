/** One drop area in a template: files that are dropped land in a folder. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { folder, listen, newApp } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: 'image/*', maxFileSize: '3 MiB', maxFiles: 30 },
})

const app = newApp()
app.set('views', `${import.meta.dirname}/views`)
app.use(expressUploads(uploads))
app.get('/', (_req, res) => res.render('index'))
listen(app, 'basic')
