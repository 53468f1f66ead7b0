/** The client half of CSRF: the token goes along, is refreshed ahead, and once after a refusal, unseen. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { PageCsrf } from '../../src/html/facts.ts'
import { message, open, pageFixture, patient, text } from './page-fixture.ts'
import { type Answer, type Arrived, ownScripts, pageOf } from './page-server.ts'
import { chooseFiles, has } from './support.ts'

const fixture = pageFixture(['Access-Control-Allow', 'CORS'])
const page = () => fixture.page
const json = (body: unknown): Answer => ({ status: 201, type: 'application/json', body: JSON.stringify(body) })
const expired = 'The CSRF token has expired.'

/** Tokens of the smallest server that has any: `t1`, `t2`, … of which only the newest is good. */
let issued = 0
/** What the old token was when a fresh one was asked for. */
let refreshes: (string | undefined)[] = []
const csrf: PageCsrf = {
  token: () => `t${++issued}`,
  url: '/uploads/csrf',
  expiresIn: 3600,
  header: 'X-CSRFToken',
  field: 'csrf_token',
}
const good = (upload: Arrived) => upload.headers['x-csrftoken'] === `t${issued}`
const check = (upload: Arrived): Answer => (good(upload) ? json({ files: [] }) : { status: 400, body: expired })
const tokens = () => fixture.server.arrived.map(({ headers }) => headers['x-csrftoken'])

beforeEach(() => {
  if (!has.chromium) return
  issued = 0
  refreshes = []
  fixture.server.answer = check
  fixture.server.others.set('/uploads/csrf', ({ headers }) => {
    refreshes.push(headers['x-csrftoken'] as string | undefined)
    return { ...json({ csrfToken: `t${++issued}`, expiresIn: 3600 }), status: 200 }
  })
  ownScripts.set(
    '/count.js',
    `window.wrong = []; document.addEventListener('dropzone:error', e => wrong.push(e.detail.args[1]))`,
  )
})

/** Opens a page whose token was made at its beginning. */
async function openWith(dropArea: object, more = ''): Promise<void> {
  const helpers = pageOf({ csrf, dropArea })
  await open(
    fixture,
    `${helpers.create({ enableCsrf: false })}${helpers.config()}${helpers.loadJs()}<script src="/count.js"></script>${more}`,
  )
  await page().locator('.dz-message').waitFor()
}
const errors = () => page().evaluate(() => (window as unknown as { wrong: string[] }).wrong)
const files = (count: number) => Array.from({ length: count }, (_, index) => text(`${index}.txt`))
const success = (count: number) =>
  page()
    .locator('.dz-success')
    .nth(count - 1)
    .waitFor()

describe.skipIf(!has.chromium)('the token of a page', () => {
  it('weak spot 8: goes along as one header, beside those of the developer', async () => {
    await openWith({ headers: { 'X-Note': 'n', 'x-csrfTOKEN': 'own' } })
    await chooseFiles(page(), files(2))
    await success(2)
    expect(fixture.server.arrived.map(({ headers }) => [headers['x-csrftoken'], headers['x-note']])).toEqual([
      ['t1', 'n'],
      ['t1', 'n'],
    ])
    expect(fixture.server.arrived[0]?.body.toString()).not.toContain('csrf_token')
  })

  it('weak spot 8: stays here when the files go to another origin', async () => {
    const other = await startOther()
    try {
      const helpers = pageOf({ csrf })
      fixture.server.contentPolicy = `default-src 'self'; connect-src 'self' ${other.origin}; img-src 'self' data:`
      const area = helpers.create({ action: `${other.origin}/x` })
      expect(area).not.toContain('csrf_token')
      await open(fixture, area + helpers.config() + helpers.loadJs())
      await chooseFiles(page(), files(1))
      await success(1)
      expect(other.seen).toEqual([undefined])
    } finally {
      await other.close()
    }
  })

  it('stands before the files in the form without script', async () => {
    const plain = await fixture.browser.newPage({ javaScriptEnabled: false })
    fixture.server.answer = () => ({ status: 200, type: 'text/html', body: 'Kept' })
    fixture.server.show(pageOf({ csrf }).create())
    await plain.goto(fixture.server.origin)
    await plain.locator('input[type=file]').setInputFiles(files(1))
    await plain.getByRole('button', { name: 'Upload' }).click()
    await plain.getByText('Kept').waitFor()
    await plain.close()
    expect(fixture.server.arrived[0]?.body.toString().match(/ name="[^"]*"/g)).toEqual([
      ' name="csrf_token"',
      ' name="file[]"',
    ])
  })
})

describe.skipIf(!has.chromium)('trap 13: a page that has been open for three hours', () => {
  it.each([
    ['single uploads', {}, 4, 4],
    ['parallel uploads', { uploadMultiple: true, parallelUploads: 2 }, 4, 2],
    ['queued uploads', { uploadOnClick: true, parallelUploads: 1 }, 3, 3],
    ['raw bodies', { binaryBody: true }, 3, 3],
  ])('%s: refreshes once, ahead, and shows nothing', async (_what, dropArea, count, requests) => {
    await page().clock.install()
    await openWith(dropArea, '<button id="upload">Upload</button>')
    if ('uploadOnClick' in dropArea) await chooseFiles(page(), files(count))
    await page().clock.fastForward('03:00:00')
    if ('uploadOnClick' in dropArea) await page().locator('#upload').click()
    else await chooseFiles(page(), files(count))
    await success(count)
    expect(refreshes).toEqual(['t1'])
    expect(tokens()).toEqual(Array.from({ length: requests }, () => 't2'))
    expect(await errors()).toEqual([])
  })

  it('does not refresh before 80 % of its life', async () => {
    await page().clock.install()
    await openWith({})
    await page().clock.fastForward('00:47:00')
    await chooseFiles(page(), files(1))
    await success(1)
    expect(refreshes).toEqual([])
  })

  it('sends no file that was cancelled while the token was fetched', async () => {
    let go = () => {}
    fixture.server.others.set('/uploads/csrf', async () => {
      await new Promise<void>(resolve => (go = resolve))
      return { ...json({ csrfToken: `t${++issued}`, expiresIn: 3600 }), status: 200 }
    })
    await page().clock.install()
    await openWith({ addRemoveLinks: true })
    page().on('dialog', dialog => dialog.accept())
    await page().clock.fastForward('03:00:00')
    await chooseFiles(page(), files(2))
    await page().getByRole('button', { name: 'Cancel upload 0.txt' }).click()
    go()
    await success(1)
    expect(fixture.server.arrived).toHaveLength(1)
    expect(fixture.server.arrived[0]?.body.toString()).toContain('1.txt')
  })
})

describe.skipIf(!has.chromium)('a refused token', () => {
  it.each([
    ['The CSRF token is missing.', {}, 3, 3],
    ['The CSRF session token is missing.', { uploadMultiple: true, parallelUploads: 3 }, 3, 1],
    ['The CSRF token is invalid.', { binaryBody: true }, 3, 3],
    ['The CSRF tokens do not match.', { parallelUploads: 1 }, 3, 3],
    [expired, { uploadOnClick: true }, 3, 3],
  ])('%s is mended by one fresh token and one more try, unseen (%j)', async (body, dropArea, count, requests) => {
    await openWith(dropArea, '<button id="upload">Upload</button>')
    fixture.server.answer = upload => (good(upload) ? json({ files: [] }) : { status: 400, body })
    issued++ // a login has made the page's token worthless
    await chooseFiles(page(), files(count))
    await page()
      .locator('.dz-preview')
      .nth(count - 1)
      .waitFor()
    await page().locator('#upload').click()
    await success(count)
    expect(refreshes).toEqual(['t1'])
    const failed = tokens().filter(token => token === 't1').length
    expect(tokens().filter(token => token === 't3')).toHaveLength(requests)
    expect(failed).toBeLessThanOrEqual(Math.min(requests, 2))
    expect(await errors()).toEqual([])
  })

  it.each([
    ['the fresh token is refused too', 200, 2],
    ['there is no fresh token', 403, 1],
  ])('is shown when %s: no loop', async (_what, status, tries) => {
    fixture.server.answer = () => ({ status: 400, body: expired })
    fixture.server.others.set('/uploads/csrf', () => {
      refreshes.push('')
      return { ...json({ csrfToken: 'x', expiresIn: 3600 }), status }
    })
    await openWith({})
    await chooseFiles(page(), files(1))
    await expect.poll(() => message(page(), '0.txt').textContent(), patient).toBe(expired)
    expect([fixture.server.arrived.length, refreshes.length]).toEqual([tries, 1])
    expect(await errors()).toEqual([expired])
  })

  it.each([
    ['another sentence', { status: 400, body: 'No file was uploaded.' }],
    ['another status', { status: 422, body: expired }],
  ])('is not what %s is about', async (_what, answer) => {
    fixture.server.answer = () => answer
    await openWith({})
    await chooseFiles(page(), files(1))
    await expect.poll(() => message(page(), '0.txt').textContent(), patient).toBe(answer.body)
    expect([fixture.server.arrived.length, refreshes.length]).toEqual([1, 0])
  })

  it('is mended for a deletion as well', async () => {
    fixture.server.answer = upload =>
      good(upload) ? json({ files: [{ deleteUrl: '/uploads/a' }] }) : { status: 400, body: expired }
    await openWith({ deleteOnRemove: true })
    await chooseFiles(page(), files(1))
    await success(1)
    issued++
    await page().getByRole('button', { name: 'Remove file 0.txt' }).click()
    await expect.poll(tokens, patient).toEqual(['t1', 't1', 't3'])
    expect(await page().locator('.dz-preview').count()).toBe(0)
  })
})

/** Another origin that takes everything; it keeps the tokens that it sees. */
async function startOther() {
  const { createServer } = await import('node:http')
  const seen: unknown[] = []
  const server = createServer((request, response) => {
    const asked = request.headers['access-control-request-headers'] ?? '*'
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', asked)
    if (request.method === 'POST') seen.push(request.headers['x-csrftoken'])
    request.resume().on('end', () => response.end('kept'))
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const close = () => new Promise(resolve => void server.close(resolve).closeAllConnections())
  return { origin: `http://127.0.0.1:${port}`, seen, close }
}
