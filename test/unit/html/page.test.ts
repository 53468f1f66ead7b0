import { describe, expect, it } from 'vitest'
import type { PageFacts } from '../../../src/html/facts.ts'
import { createPage } from '../../../src/html/page.ts'
import { defaultMessages } from '../../../src/sansio/messages.ts'
import { definePolicy, describePolicy, type PolicyOptions } from '../../../src/sansio/policy/policy.ts'

const faces = (options: PolicyOptions) => describePolicy(definePolicy(options), defaultMessages)
const facts: PageFacts = {
  path: '/uploads',
  assets: { js: '/uploads/-/dropgate.js?1', glue: '/uploads/-/dropgate-glue.js?2', css: '/uploads/-/dropgate.css?3' },
  policy: faces({ accept: 'image/*, .pdf', maxFileSize: '50 MiB', maxFiles: 30 }),
  dropArea: {},
}
const page = createPage(facts)

describe('the helpers', () => {
  it('load our own files, or another Dropzone and then our glue', () => {
    expect(page.loadCss()).toBe('<link rel="stylesheet" href="/uploads/-/dropgate.css?3">\n')
    expect(page.loadJs()).toBe('<script src="/uploads/-/dropgate.js?1" defer></script>\n')
    expect(page.loadJs({ url: 'https://cdn.test/dropzone.js?a&b', integrity: 'sha384-x' })).toBe(
      '<script src="https://cdn.test/dropzone.js?a&amp;b" integrity="sha384-x" crossorigin="anonymous" defer></script>\n' +
        '<script src="/uploads/-/dropgate-glue.js?2" defer></script>\n',
    )
  })

  it('create a form that works without script', () => {
    const html = page.create()
    expect(html).toContain(
      '<form class="dropzone" data-dropgate id="myDropzone" action="/uploads" method="post" enctype="multipart/form-data">',
    )
    expect(html).toContain('<input type="file" name="file[]" accept="image/*,.pdf" multiple required aria-describedby=')
    expect(html).toContain('Images and .pdf files, up to 50 MiB each, at most 30 at a time.</p>')
  })

  it('offer one file where the policy allows one', () => {
    const one = createPage({ ...facts, policy: faces({ maxFiles: 1 }) }).create()
    expect(one).toContain('<input type="file" name="file" required')
  })

  it('escape everything that is interpolated', () => {
    const evil = `"><script>alert(1)</script>'\`\${x}\r\n\u2028`
    const html =
      page.dropArea({ id: evil, action: `/${evil.replace(/[\r\n]/g, '')}`, className: evil }) +
      page.loadCss({ url: evil, integrity: evil })
    expect(html).not.toContain('<script>')
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.match(/<\/script>/g)).toHaveLength(2)
  })

  it('give no white space to the list of aria-describedby', () => {
    const described = /aria-describedby="([^"]*)"/.exec(page.create({ id: 'a b\nc' }))?.[1]
    expect(described).toBe('dropgate-limits-a_20b_ac')
    expect(page.create({ id: 'a b\nc' })).toContain(`id="${described}"`)
  })
})

describe('config', () => {
  it.each(['javascript:alert(1)', 'java\nscript:alert(1)', ' javascript:alert(1)', 'data:text/html,x'])(
    'refuses the redirect %j',
    redirectUrl => {
      expect(() => page.config({ redirectUrl })).toThrow('it must be a path or a URL with http or https.')
    },
  )

  it.each(['/done?a=b:c', 'https://example.test/', 'done', '?x=1:2', '#a:b'])('takes the redirect %j', redirectUrl => {
    expect(page.config({ redirectUrl })).toContain(redirectUrl)
  })
})

describe('style', () => {
  it('needs a nonce and says what to do without', () => {
    expect(() => page.style('color: red', {} as never)).toThrow(
      "style().nonce is undefined; it must be the nonce of this answer's Content-Security-Policy. Without one, serve the text of styleText(css, id) as a stylesheet.",
    )
    expect(() => page.style('color: red', { nonce: '"x' })).toThrow('style().nonce is')
  })

  it('can not be ended from inside', () => {
    expect(page.style('content: "</style>"', { id: 'a"b', nonce: 'abc=' })).toBe(
      '<style nonce="abc=">.dropzone[data-dropgate][id="a\\22 b"]{content: "<\\/style>"}</style>\n',
    )
  })
})
