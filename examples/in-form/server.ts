/** A drop area inside a form: the files go up first, then the form is submitted, once. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads, receiveFiles } from 'dropgate/express'
import { folder, listen, newApp } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { maxFileSize: '10 MiB' },
  dropArea: { inForm: true, uploadOnClick: true },
})

const app = newApp()
app.set('views', `${import.meta.dirname}/views`)
app.use(expressUploads(uploads))
app.get('/', (_req, res) => res.render('index', { title: 'New album' }))
app.post(
  '/',
  receiveFiles(uploads, async (files, _req, res) => {
    // With script the files are here already; without, they come with the form.
    for await (const file of files) await file.save()
    res.render('saved', { title: 'Saved', album: files.fields.get('album'), notes: files.fields.get('notes') })
  }),
)
listen(app, 'in-form')
