import { createServer } from 'node:http'

export const packages = ['multiparty']
export const wires = ['form']

export async function start({ folder }) {
  const { default: multiparty } = await import('multiparty')
  return createServer((req, res) => {
    new multiparty.Form({ uploadDir: folder }).parse(req, error => {
      if (error) res.writeHead(error.statusCode ?? 400).end(error.message)
      else res.writeHead(201).end()
    })
  })
}
