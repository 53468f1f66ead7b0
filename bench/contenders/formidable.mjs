import { createServer } from 'node:http'

export const packages = ['formidable']
export const wires = ['form']

export async function start({ folder, refuse }) {
  const { default: formidable } = await import('formidable')
  const unlimited = { maxFileSize: Number.POSITIVE_INFINITY, maxTotalFileSize: Number.POSITIVE_INFINITY }
  return createServer((req, res) => {
    const form = formidable({
      uploadDir: folder,
      ...unlimited,
      ...(refuse && {
        filter({ mimetype }) {
          const allowed = mimetype?.startsWith('image/')
          if (!allowed) form.emit('error', Object.assign(new Error('Images only.'), { httpCode: 415 }))
          return allowed
        },
      }),
    })
    form.parse(req).then(
      () => res.writeHead(201).end(),
      error => res.writeHead(error.httpCode ?? 400).end(error.message),
    )
  })
}
