/** Several files in one request, as file[0], file[1] and file[2]; taken as they arrive. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads, receiveFiles } from 'dropgate/express'
import { folder, listen, newApp, page } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: 'image/*', maxFileSize: '3 MiB' },
  dropArea: { action: '/', uploadMultiple: true, parallelUploads: 3 },
})

const app = newApp()
app.use(expressUploads(uploads))
app.get('/', (_req, res) => res.send(page('Parallel upload', res.locals.dropzone.dropArea())))
app.post(
  '/',
  receiveFiles(uploads, async (files, _req, res) => {
    for await (const file of files) {
      const { name } = await file.save()
      console.log(`${file.field}: ${name}`)
    }
    res.sendStatus(204)
  }),
)
listen(app, 'parallel-upload')
