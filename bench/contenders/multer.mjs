export const packages = ['multer', 'express']
export const wires = ['form']

export async function start({ folder, refuse }) {
  const [{ default: express }, { default: multer }] = await Promise.all([import('express'), import('multer')])
  const images = (_req, file, done) =>
    file.mimetype.startsWith('image/') ? done(null, true) : done(new Error('Images only.'))
  const app = express()
  app.post('/uploads', multer({ dest: folder, ...(refuse && { fileFilter: images }) }).any(), (_req, res) => {
    res.status(201).end()
  })
  app.use((error, _req, res, _next) => res.status(415).type('text').send(error.message))
  const { createServer } = await import('node:http')
  return createServer(app)
}
