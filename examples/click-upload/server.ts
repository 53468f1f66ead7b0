/** Files wait on the drop area; a click on the button sends them all. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import { folder, listen, newApp, page } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { maxFileSize: '10 MiB', maxFiles: 20 },
  dropArea: { uploadOnClick: true, addRemoveLinks: true }, // the button's id is "upload", or uploadButtonId
})

const app = newApp()
app.use(expressUploads(uploads))
app.get('/', (_req, res) => {
  const { dropzone } = res.locals
  res.send(page('Click upload', `${dropzone.dropArea()}<p><button id="upload" type="button">Upload</button></p>`))
})
listen(app, 'click-upload')
