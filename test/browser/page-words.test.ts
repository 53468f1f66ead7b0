import { describe, expect, it } from 'vitest'
import { message, open, pageFixture, text } from './page-fixture.ts'
import { pageOf } from './page-server.ts'
import { chooseFiles, has } from './support.ts'

const fixture = pageFixture()

describe.skipIf(!has.chromium)('refusals', () => {
  it('says the reason in the page, spoken and seen without a mouse', async () => {
    await open(fixture, pageOf({ policy: { accept: ['image/*', '.pdf'] } }).dropArea())
    await chooseFiles(fixture.page, text('tool.exe', 'application/x-msdownload'))
    await fixture.page.mouse.move(0, 0)
    await expectVisible('tool.exe', 'This file type is not allowed.')
    await expect
      .poll(() => fixture.page.getByRole('alert').textContent())
      .toBe('tool.exe: This file type is not allowed.')
    expect(fixture.server.arrived).toHaveLength(0)
  })

  it('says the size as the server does', async () => {
    await open(fixture, pageOf({ policy: { maxFileSize: '2 MiB' } }).dropArea())
    await chooseFiles(fixture.page, { name: 'big.bin', mimeType: '', buffer: Buffer.alloc(3 * 1024 ** 2) })
    await expectVisible('big.bin', 'File is too big (3 MiB). Max filesize: 2 MiB.')
    await chooseFiles(fixture.page, { name: 'fits.bin', mimeType: '', buffer: Buffer.alloc(2 * 1024 ** 2) })
    await fixture.page.locator('.dz-success').waitFor()
  })

  it('trap 8: lets pass what the server lets pass: other case, no type but a known extension', async () => {
    await open(fixture, pageOf({ policy: { accept: ['image/*', '.PDF'] } }).dropArea())
    await chooseFiles(fixture.page, [
      text('photo.heic', ''),
      text('a.pdf', 'application/pdf'),
      text('B.PNG', 'IMAGE/PNG'),
    ])
    await fixture.page.locator('.dz-success').nth(2).waitFor()
  })

  it('does not mistake a picture that can not be drawn for a refusal, nor write over one', async () => {
    await open(fixture, pageOf({ policy: { accept: '.png' } }).dropArea())
    await chooseFiles(fixture.page, [text('broken.png', 'image/png'), text('broken.gif', 'image/gif')])
    await fixture.page.locator('.dz-success').waitFor()
    await fixture.page
      .locator('.dz-image[title="Failed to load the image. The file may be corrupted."]')
      .nth(1)
      .waitFor()
    expect(await fixture.page.locator('.dz-error').count()).toBe(1)
    await expectVisible('broken.gif', 'This file type is not allowed.')
  })

  it('counts', async () => {
    await open(
      fixture,
      pageOf({ policy: { maxFiles: 1 }, messages: { maxFilesExceeded: 'Only {{maxFiles}}!' } }).dropArea(),
    )
    await chooseFiles(fixture.page, text('a.txt'))
    await fixture.page.locator('.dz-success').waitFor()
    await chooseFiles(fixture.page, text('b.txt'))
    await expectVisible('b.txt', 'Only 1!')
  })

  it.each([
    ['a sentence', { status: 422, body: 'PNG only!' }, 'PNG only!'],
    ['markup as text', { status: 422, body: '<b>no</b>' }, '<b>no</b>'],
    ['an error as JSON', { status: 422, type: 'application/json', body: '{"error":"No."}' }, 'No.'],
    [
      'JSON without a sentence',
      { status: 400, type: 'application/json', body: '{"message":"x"}' },
      'Server responded with 400 code.',
    ],
    [
      'the page of a proxy',
      { status: 413, type: 'text/html', body: '<h1>Too large</h1>' },
      'Server responded with 413 code.',
    ],
    ['nothing', { status: 500 }, 'Server responded with 500 code.'],
    ['no answer at all', undefined, 'The connection was lost. Check it and try again.'],
  ])('traps 5 and 6: shows %s of the server in words', async (_what, answer, sentence) => {
    fixture.server.answer = () => answer
    await open(fixture, pageOf({}).dropArea())
    await chooseFiles(fixture.page, text('a.txt'))
    await expectVisible('a.txt', sentence)
  })

  it('says so when a time limit has passed', async () => {
    await fixture.page.route('**/uploads', () => undefined)
    await open(fixture, pageOf({ dropArea: { timeout: 300 } }).dropArea())
    await chooseFiles(fixture.page, text('a.txt'))
    await expectVisible('a.txt', 'The upload took too long.')
  })
})

describe.skipIf(!has.chromium)('with the keyboard', () => {
  it('there is a visible focus, a way to add more, and named buttons that keep the focus when a file goes', async () => {
    await open(fixture, pageOf({ policy: { accept: '.txt' }, dropArea: { addRemoveLinks: true } }).dropArea())
    await chooseFiles(fixture.page, [text('a.txt'), text('b.txt')])
    await fixture.page.locator('.dz-success').nth(1).waitFor()
    const add = fixture.page.getByRole('button', { name: 'Drop files here or click to upload.' })
    expect(await add.isVisible()).toBe(true)
    await fixture.page.keyboard.press('Tab')
    expect(
      await add.evaluate(button => [document.activeElement === button, getComputedStyle(button).outlineStyle]),
    ).toEqual([true, 'solid'])
    const limits = await add.evaluate(
      button => document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent,
    )
    expect(limits).toBe(pageOf({ policy: { accept: '.txt' } }).sentence)
    const first = fixture.page.getByRole('button', { name: 'Remove file a.txt' })
    expect((await first.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    await first.focus()
    await fixture.page.keyboard.press('Enter')
    expect(await fixture.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Remove file b.txt',
    )
    await fixture.page.keyboard.press('Space')
    expect(await add.evaluate(button => document.activeElement === button)).toBe(true)
    expect(await fixture.page.locator('.dz-preview').count()).toBe(0)
  })
})

describe.skipIf(!has.chromium)('without script', () => {
  it('is a labelled form that posts the files', async () => {
    const plain = await fixture.browser.newPage({ javaScriptEnabled: false })
    fixture.server.answer = () => ({ status: 200, type: 'text/html', body: '<p>Kept.</p>' })
    fixture.server.show(pageOf({ policy: { accept: '.txt' } }).dropArea())
    await plain.goto(fixture.server.origin)
    const input = plain.getByLabel('Choose files')
    expect([await input.getAttribute('accept'), await input.getAttribute('multiple')]).toEqual(['.txt', ''])
    await input.setInputFiles([text('a.txt'), text('b.txt')])
    await plain.getByRole('button', { name: 'Upload' }).click()
    await plain.getByText('Kept.').waitFor()
    expect(fixture.server.arrived[0]?.body.toString().match(/ name="[^"]*"; filename="[^"]*"/g)).toEqual([
      ' name="file[]"; filename="a.txt"',
      ' name="file[]"; filename="b.txt"',
    ])
    await plain.close()
  })
})

/** The sentence stands in Dropzone's own place and can be read with no pointer near it. */
async function expectVisible(name: string, sentence: string): Promise<void> {
  await expect.poll(() => message(fixture.page, name).textContent()).toBe(sentence)
  await expect
    .poll(() => message(fixture.page, name).evaluate(element => element.checkVisibility({ opacityProperty: true })))
    .toBe(true)
  expect((await message(fixture.page, name).boundingBox())?.height).toBeGreaterThan(8)
}
