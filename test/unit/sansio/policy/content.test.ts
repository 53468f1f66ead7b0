import { describe, expect, it } from 'vitest'
import { defaultMessages } from '../../../../src/sansio/messages.ts'
import { applyNarrowed, narrowPolicy } from '../../../../src/sansio/policy/narrow.ts'
import {
  checkContent,
  definePolicy,
  inspectsContent,
  isAccepted,
  type PolicyOptions,
} from '../../../../src/sansio/policy/policy.ts'
import { heads } from '../sniff/heads.ts'

const headOf = (extension: string) => heads.find(([other]) => other === extension)?.[2] as Uint8Array
const bytes = (text: string) => Buffer.from(text, 'latin1')
const unknown = Uint8Array.of(1, 2, 3, 0, 200, 7)

/** The verdict on a file whose declared facts are fine. */
function verdict(options: PolicyOptions, name: string, type: string, head: Uint8Array): string {
  const policy = definePolicy(options)
  if (!isAccepted(policy.accept, { name, type })) return 'declared facts refused'
  return checkContent(policy, { name, type }, head, defaultMessages)?.code ?? 'accepted'
}

describe('whether content is looked at', () => {
  it('goes by the list, unless the policy says so itself', () => {
    expect(inspectsContent(definePolicy())).toBe(false)
    expect(inspectsContent(definePolicy({ accept: '*/*' }))).toBe(false)
    expect(inspectsContent(definePolicy({ accept: '.png' }))).toBe(true)
    expect(inspectsContent(definePolicy({ accept: '.png', content: 'declared' }))).toBe(false)
    expect(inspectsContent(definePolicy({ content: 'match' }))).toBe(true)
  })

  it('of a page: a list of its own switches it on, and nothing switches it off', () => {
    const open = definePolicy()
    const page = narrowPolicy(open, { accept: '.png' })
    expect(inspectsContent(page.policy)).toBe(true)
    expect(inspectsContent(applyNarrowed(open, page.narrowed) as typeof open)).toBe(true)
    const strict = narrowPolicy(open, { content: 'match' })
    expect(strict.narrowed).toEqual({ content: 'match' })
    expect(inspectsContent(applyNarrowed(open, strict.narrowed) as typeof open)).toBe(true)
    const images = definePolicy({ accept: 'image/*' })
    expect(() => narrowPolicy(images, { content: 'declared' })).toThrow(/config\(\).content/)
    expect(narrowPolicy(definePolicy({ accept: '.png', content: 'declared' }), { maxFiles: 1 }).policy.content).toBe(
      'declared',
    )
  })

  it('is "match" or "declared"', () => {
    expect(() => definePolicy({ content: 'sniff' as 'match' })).toThrow(
      'policy.content is "sniff"; it must be "match" or "declared".',
    )
  })
})

describe('content, extension and declared type', () => {
  it.each([
    ['image/*', 'a.png', 'image/png', headOf('.png'), 'accepted'],
    ['.png', 'a.png', '', headOf('.png'), 'accepted'],
    ['image/*', 'a.png', 'image/png', headOf('.jpg'), 'content-mismatch'],
    ['image/*', 'a.png', 'image/jpeg', headOf('.png'), 'content-mismatch'],
    ['.png', 'a.png', 'text/html', headOf('.png'), 'content-mismatch'],
    ['image/*', 'a.png', 'image/png', unknown, 'content-mismatch'],
    ['image/*', 'a.png', 'image/png', bytes('some text'), 'content-mismatch'],
    ['image/*', 'a.png', 'image/png', new Uint8Array(), 'accepted'],
    ['image/*', 'photo', 'image/jpeg', headOf('.jpg'), 'accepted'],
    ['image/*', 'photo', 'image/jpeg', headOf('.exe'), 'content-mismatch'],
    ['.csv', 'a.csv', 'application/vnd.ms-excel', bytes('a;b\n'), 'accepted'],
    ['.csv', 'a.csv', 'text/csv', bytes('<script>alert(1)</script>'), 'content-mismatch'],
    ['.csv', 'a.csv', 'text/csv', headOf('.zip'), 'content-mismatch'],
    ['.docx', 'a.docx', '', headOf('.docx'), 'accepted'],
    ['.docx', 'a.docx', '', headOf('.zip'), 'accepted'],
    ['.docx', 'a.docx', '', headOf('.xlsx'), 'content-mismatch'],
    ['.docx', 'with password.docx', '', headOf('.doc'), 'accepted'],
    ['video/*', 'IMG_1.MOV', 'video/quicktime', headOf('.mp4'), 'accepted'],
    ['application/octet-stream', 'a.png', 'application/octet-stream', headOf('.png'), 'accepted'],
  ])('%j, %j declared as %j', (accept, name, type, head, code) => {
    expect(verdict({ accept }, name, type, head)).toBe(code)
  })

  it('nobody looks where the policy says so', () => {
    expect(verdict({ accept: '.png', content: 'declared' }, 'a.png', '', bytes('text'))).toBe('accepted')
    expect(verdict({}, 'a.png', '', bytes('text'))).toBe('accepted')
    expect(verdict({ content: 'match' }, 'a.png', '', bytes('text'))).toBe('content-mismatch')
    expect(verdict({ content: 'match' }, 'a.html', 'text/html', bytes('<html>'))).toBe('accepted')
  })
})

describe('types that the table does not know', () => {
  it.each([
    // The policy names the extension: anything but what runs.
    ['.dat', 'a.dat', '', unknown, 'accepted'],
    ['.sketch', 'a.sketch', '', headOf('.zip'), 'accepted'],
    ['.dat', 'a.dat', '', bytes('text'), 'accepted'],
    ['.dat', 'a.dat', '', bytes('<html>'), 'type-not-allowed'],
    ['.dat, .html', 'a.dat', '', bytes('<html>'), 'type-not-allowed'],
    ['.dat', 'a.dat', '', headOf('.exe'), 'type-not-allowed'],
    ['.dat', 'a.dat', '', headOf('.sh'), 'type-not-allowed'],
    // It does not: no type but its own, text, and what nobody knows.
    ['image/*', 'a.kra', 'image/x-of-ours', unknown, 'accepted'],
    ['image/*', 'a.ppm', 'image/x-portable-pixmap', bytes('P3 1 1 255'), 'accepted'],
    ['image/*', 'a.ours', 'image/x-of-ours', headOf('.png'), 'accepted'],
    ['image/*', 'a.ours', 'image/x-of-ours', headOf('.pdf'), 'type-not-allowed'],
    ['image/*', 'a.ours', 'image/x-of-ours', headOf('.svg'), 'type-not-allowed'],
    ['image/*, image/x-of-ours', 'a.ours', 'image/x-of-ours', headOf('.zip'), 'accepted'],
  ])('%j, %j declared as %j', (accept, name, type, head, code) => {
    expect(verdict({ accept }, name, type, head)).toBe(code)
  })
})

describe('what runs comes in by name only', () => {
  it.each([
    ['image/*', 'a.svg', 'image/svg+xml', headOf('.svg'), 'declared facts refused'],
    ['image/*', 'a.svgz', '', headOf('.gz'), 'declared facts refused'],
    ['image/*, .svg', 'a.svg', 'image/svg+xml', headOf('.svg'), 'accepted'],
    ['image/*, image/svg+xml', 'a.svg', '', headOf('.svg'), 'accepted'],
    ['image/*', 'a.png', 'image/png', headOf('.svg'), 'content-mismatch'],
    ['text/*', 'a.html', 'text/html', headOf('.html'), 'declared facts refused'],
    ['text/*', 'a.txt', 'text/plain', headOf('.html'), 'content-mismatch'],
    ['text/*', 'README.md', 'text/markdown', bytes('<h1>Title</h1>'), 'type-not-allowed'],
    ['.md', 'README.md', 'text/markdown', bytes('<h1>Title</h1>'), 'accepted'],
    ['text/html', 'a.html', '', headOf('.html'), 'accepted'],
    ['application/*', 'a.exe', '', headOf('.exe'), 'declared facts refused'],
    ['.exe', 'a.exe', '', headOf('.exe'), 'accepted'],
    ['text/*', 'a.py', 'text/x-python', bytes('print(1)\n'), 'accepted'],
    ['text/*', 'a.py', 'text/x-python', headOf('.sh'), 'type-not-allowed'],
    ['.py', 'a.py', 'text/x-python', headOf('.sh'), 'accepted'],
    ['application/*', 'a.xml', 'application/xml', bytes('<?xml version="1.0"?><a/>'), 'accepted'],
    ['application/*', 'a.xml', '', bytes('<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>'), 'type-not-allowed'],
    ['.xml', 'a.xml', '', bytes('<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>'), 'accepted'],
    ['.xml', 'a.xml', '', headOf('.svg'), 'content-mismatch'],
    ['application/*', 'a.jar', '', headOf('.jar'), 'declared facts refused'],
    ['application/*', 'a.zip', '', headOf('.jar'), 'type-not-allowed'],
  ])('%j, %j declared as %j', (accept, name, type, head, code) => {
    expect(verdict({ accept }, name, type, head)).toBe(code)
  })

  it('a page cannot name what the server lets in by no group', () => {
    const images = definePolicy({ accept: 'image/*' })
    expect(() => narrowPolicy(images, { accept: '.svg' })).toThrow(/config\(\).accept/)
    expect(() => narrowPolicy(images, { accept: 'image/svg+xml' })).toThrow(/config\(\).accept/)
    // Content must pass both lists.
    const page = narrowPolicy(definePolicy({ accept: 'text/*' }), { accept: '.md' }).policy
    const file = { name: 'README.md', type: 'text/markdown' }
    expect(checkContent(page, file, bytes('# Title'), defaultMessages)).toBeUndefined()
    expect(checkContent(page, file, bytes('<h1>Title</h1>'), defaultMessages)?.code).toBe('type-not-allowed')
  })
})
