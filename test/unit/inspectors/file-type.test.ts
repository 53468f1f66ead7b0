import { describe, expect, it } from 'vitest'
import { fileType } from '../../../src/inspect.ts'
import { fileTypeOf } from '../../../src/inspectors/file-type.ts'
import { contentOf } from '../../support/contents.ts'
import { inspected, verdictOf } from './inspected.ts'

/** A module that answers as file-type does. */
const moduleOf = (body: string) => () =>
  `data:text/javascript,${encodeURIComponent(`export async function fileTypeFromBuffer(bytes) { ${body} }`)}`
const isInstalled = await import('file-type' as string).then(
  () => true,
  () => false,
)
const png = contentOf('png')

describe('fileType', () => {
  it('goes by what the package says', async () => {
    const says = (ext: string, mime: string) => fileTypeOf({}, moduleOf(`return ${JSON.stringify({ ext, mime })}`))
    expect(await verdictOf(says('png', 'image/png'), inspected(png, 'a.png').file)).toBe('accepted')
    expect(await verdictOf(says('jpg', 'image/jpeg'), inspected(png, 'a.jpeg').file)).toBe('accepted')
    expect(await verdictOf(says('jpg', 'image/jpeg'), inspected(png, 'a.png').file)).toBe('content-mismatch')
    expect(await verdictOf(says('dwg', 'image/vnd.dwg'), inspected(png, 'a.dwg').file)).toBe('accepted')
    expect(await verdictOf(says('exe', 'application/x-msdownload'), inspected(png, 'a.dwg').file)).toBe(
      'content-mismatch',
    )
    expect(await verdictOf(fileTypeOf({}, moduleOf('return undefined')), inspected(png, 'a.x').file)).toBe('accepted')
  })

  it('row 55: an endless loop ends after its time, and the main thread is free meanwhile', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const asked = verdictOf(fileTypeOf({ timeLimit: 400 }, moduleOf('for (;;) {}')), inspected(png, 'a.png').file)
    expect(await asked).toBe('threw file-type took too long')
    clearInterval(timer)
    expect(turns).toBeGreaterThan(20)
  })

  it('fails where the package throws, is missing, or eats all memory', async () => {
    const broken = fileTypeOf({}, moduleOf('throw new Error("broken")'))
    expect(await verdictOf(broken, inspected(png).file)).toMatch(/^threw .*broken/)
    const missing = fileTypeOf({}, () => 'file:///nowhere/file-type.js')
    expect(await verdictOf(missing, inspected(png).file)).toMatch(/^threw/)
  })

  it.skipIf(!isInstalled)('asks the real package, if it is installed', async () => {
    expect(await verdictOf(fileType(), inspected(png, 'a.png').file)).toBe('accepted')
    expect(await verdictOf(fileType(), inspected(png, 'a.gif').file)).toBe('content-mismatch')
  })
})
