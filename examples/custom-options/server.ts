/** Options of Dropzone, texts and style from the server; functions from a script of your own. */
import { dropgate } from 'dropgate'
import { diskStorage } from 'dropgate/disk'
import { expressUploads } from 'dropgate/express'
import express from 'express'
import { folder, listen, newApp, page } from '../shared.ts'

const uploads = dropgate({
  storage: diskStorage(folder),
  policy: { accept: 'image/*', maxFileSize: '3 MiB' },
  messages: {
    defaultMessage: 'Bring your holiday pictures here.',
    invalidFileType: 'Only pictures, please.',
    removeFile: 'Take it away',
    removeConfirmation: 'Really take it away?',
  },
  dropArea: { addRemoveLinks: true, thumbnailWidth: 160, thumbnailHeight: 160, thumbnailMethod: 'contain' },
})

const app = newApp()
app.use(express.static(`${import.meta.dirname}/public`))
app.use(expressUploads(uploads))
app.get('/', (_req, res) => {
  const { dropzone } = res.locals
  const style = dropzone.style('border: 3px dotted seagreen; border-radius: 1rem;')
  const custom = '<p id="news"></p><script src="/custom.js" defer></script>'
  res.send(page('Custom options', dropzone.dropArea() + style + custom))
})
listen(app, 'custom-options')
