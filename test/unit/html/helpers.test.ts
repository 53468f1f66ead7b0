/** The helpers of Flask-Dropzone. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { BUNDLED_VERSION, cdnFiles, knownIntegrity } from '../../../src/html/cdn.ts'
import type { PageFacts } from '../../../src/html/facts.ts'
import { createPage } from '../../../src/html/page.ts'
import { defineDropArea } from '../../../src/sansio/dropzone/define.ts'
import type { DropAreaOptions } from '../../../src/sansio/dropzone/options.ts'
import { defaultMessages } from '../../../src/sansio/messages.ts'
import { definePolicy, describePolicy } from '../../../src/sansio/policy/policy.ts'

const policyRules = definePolicy({ accept: 'image/*', maxFiles: 9 })
const csrf = {
  token: (narrowed?: unknown) => `token ${JSON.stringify(narrowed)}`,
  url: '/uploads/csrf',
  expiresIn: 3600,
  header: 'X-CSRFToken',
  field: 'csrf_token',
}
function pageWith(more: Partial<PageFacts> = {}, dropArea: DropAreaOptions = {}) {
  return createPage({
    path: '/uploads',
    assets: { js: '/bundle.js', glue: '/glue.js', css: '/style.css' },
    policy: describePolicy(policyRules, defaultMessages),
    policyRules,
    messages: defaultMessages,
    dropArea: defineDropArea(dropArea),
    ...more,
  })
}
const page = pageWith()
const island = (html: string) => JSON.parse(/>(.*)<\/script>/.exec(html)?.[1] ?? '') as Record<string, unknown>

describe('loadCss and loadJs', () => {
  it.each([
    ['5.9.3', 'dropzone@5.9.3/dist/min/dropzone.min.js', 'dropzone@5.9.3/dist/min/dropzone.min.css'],
    ['7.4.4', '@deltablot/dropzone@7.4.4/dist/dropzone-min.js', '@deltablot/dropzone@7.4.4/dist/dropzone.css'],
    ['6.0.0', 'dropzone@6.0.0/dist/dropzone-min.js', 'dropzone@6.0.0/dist/dropzone.css'],
  ])('trap 2: know the files of %s, and bring our part alone', (version, js, css) => {
    const base = 'https://cdn.jsdelivr.net/npm/'
    expect(page.loadJs({ version })).toMatch(
      new RegExp(`^<script src="${base}${js}"[^>]* defer></script>\n<script src="/glue.js" defer></script>\n$`),
    )
    expect(page.loadCss({ version })).toContain(`href="${base}${css}"`)
    expect(page.loadJs({ version }).includes('integrity="sha384-')).toBe(version in knownIntegrity)
  })

  it('bring our own bundle for the version in it, unless Dropzone is to come from elsewhere', () => {
    expect(page.loadJs({ version: BUNDLED_VERSION })).toBe('<script src="/bundle.js" defer></script>\n')
    const cdn = pageWith({}, { serveLocal: false })
    expect(cdn.loadJs()).toContain(
      `dropzone@${BUNDLED_VERSION}/dist/dropzone-min.js" integrity="${knownIntegrity[BUNDLED_VERSION]?.[0]}"`,
    )
    expect(cdn.loadJs({ url: '/mine.js' })).toBe(
      '<script src="/mine.js" defer></script>\n<script src="/glue.js" defer></script>\n',
    )
  })

  it.each(['4.3.0', '6', 'latest', '6.3.5/../../evil', ''])('refuse the version %j', version => {
    expect(() => page.loadJs({ version })).toThrow('it must be a version of Dropzone from 5 on, such as "6.3.5".')
  })

  it('know the hashes of the real files', async () => {
    const folders: Record<string, string> = {
      '5.9.3': 'dropzone5',
      '6.3.5': 'dropzone',
      '7.4.4': '@deltablot/dropzone',
    }
    for (const [version, hashes] of Object.entries(knownIntegrity)) {
      const { js, css } = cdnFiles(version, 'version')
      for (const [index, { url }] of [js, css].entries()) {
        const bytes = await readFile(`node_modules/${folders[version]}/dist/${url.split('/dist/')[1]}`)
        expect(hashes[index]).toBe(`sha384-${createHash('sha384').update(bytes).digest('base64')}`)
      }
    }
    const { version } = JSON.parse(await readFile('node_modules/dropzone/package.json', 'utf8')) as { version: string }
    expect(version).toBe(BUNDLED_VERSION)
  })
})

describe('a nonce', () => {
  it('may stand on every tag', () => {
    const nonce = 'bm9uY2U='
    const html = pageWith().dropArea({ nonce, customInit: 'x' }) + page.style('color: red', { nonce })
    expect(html.match(/<(?:script|link|style)/g)).toHaveLength(5)
    expect(html.match(/ nonce="bm9uY2U="/g)).toHaveLength(5)
  })

  it('is not guessed', () => {
    expect(() => page.config({ nonce: '"x' })).toThrow(
      'config().nonce is "\\"x"; it must be the nonce of this answer\'s Content-Security-Policy.',
    )
  })
})

describe('create', () => {
  it('makes a part of a form: no form, no token, nothing required', () => {
    const html = pageWith({ csrf }).create({ inForm: true, action: '/upload' })
    expect(html).toMatch(/^<div class="dropzone" data-dropgate id="myDropzone" data-dropgate-action="\/upload">/)
    expect(html).not.toMatch(/<form|<button|required|csrf_token/)
    expect(html).toContain('<input type="file" name="file[]" accept="image/*" multiple aria-describedby=')
  })

  it('puts the token before the files, narrowed when it is told so', () => {
    const html = pageWith({ csrf }).create({ accept: '.png' })
    expect(html.indexOf('csrf_token')).toBeLessThan(html.indexOf('type="file"'))
    expect(html).toContain(
      '<input type="hidden" name="csrf_token" value="token {&quot;accept&quot;:[&quot;.png&quot;]}">',
    )
    expect(html).toContain('accept=".png"')
    expect(html).toContain('.png files, up to 256 MiB each, at most 9 at a time.')
  })

  it.each([{ enableCsrf: false }, { action: 'https://other.test/' }, { action: '//other.test/' }])(
    'keeps the token with %j',
    options => {
      expect(pageWith({ csrf }).create(options)).not.toContain('csrf_token')
    },
  )
})

describe('config', () => {
  it('weak spot 1: lets nothing out of the data, whatever a text holds', () => {
    const evil = `</script><script>alert(1)</script><!--\u2028\`\${x}"\n`
    const html = page.config({ id: evil, defaultMessage: evil, redirectUrl: '/?</script>' })
    expect(html.match(/<\/?script/g)).toHaveLength(2)
    expect(island(html)).toMatchObject({ options: { dictDefaultMessage: evil } })
  })

  it.each([
    [
      { maxFilesExceeded: 'a', maxFileExceed: 'b' },
      'config().maxFileExceed is "b"; it must be given under one name. It is the same as maxFilesExceeded.',
    ],
    [{ inputName: 'a', paramName: 'b' }, 'config().inputName is "a"; it must be left out beside paramName.'],
    [{ parallelUpload: 3 }, 'config().parallelUpload is not an option. Did you mean parallelUploads?'],
    [{ timeout: '5' }, 'config().timeout is "5"; it must be a number above 0, or null.'],
    [{ allowedFileType: 'png' }, 'config().allowedFileType is "png"; it must be one of default, image'],
    [{ defaultMessage: '' }, 'messages.defaultMessage is ""'],
    [{ enableCsrf: true }, 'config().enableCsrf is on: a secret key is required to use CSRF. Set csrf.secret.'],
    [
      { maxFiles: 3 },
      "config().maxFiles can be set for one page only with a token: it travels signed in the page's token. Set csrf.secret.",
    ],
    [
      { redirectView: 'done' },
      'config().redirectView is "done"; it must be a path that begins with a slash or an http(s) URL. Names need the option urlFor.',
    ],
    [{ action: 'upload' }, 'config().action is "upload"; it must be a path'],
  ])('refuses %j in words', (options, sentence) => {
    expect(() => page.config(options as object)).toThrow(sentence)
  })

  it('refuses to narrow without sending the token', () => {
    expect(() => pageWith({ csrf }).config({ maxFiles: 3, enableCsrf: false })).toThrow('Leave enableCsrf on.')
  })

  it('takes an empty action for none', () => {
    expect(page.create({ action: '' })).toContain(' action="/uploads" ')
    expect(island(page.config({ uploadAction: '' }))).not.toHaveProperty('options.url')
  })

  it('reads numbers of sizes as MiB', () => {
    expect(island(pageWith({ csrf }).config({ maxFileSize: 2.5 }))).toMatchObject({ options: { maxFilesize: 2.5 } })
    expect(() => pageWith({ csrf }).config({ maxFileSize: 300 })).toThrow(
      'config().maxFileSize is "300 MiB"; it must be at most 256 MiB',
    )
  })

  it('hands the token and where to refresh it to the client script', () => {
    expect(island(pageWith({ csrf }).config())).toMatchObject({
      csrf: { token: 'token undefined', url: '/uploads/csrf', expiresIn: 3600, header: 'X-CSRFToken' },
    })
    expect(island(pageWith({ csrf }).config({ enableCsrf: false }))).not.toHaveProperty('csrf')
  })

  it('a redirect of the page replaces that of the engine, whichever way it is written', () => {
    const urlFor = (name: string, params?: Readonly<Record<string, string>>) => `/${name}/${params?.id ?? ''}`
    const helpers = pageWith({ urlFor }, { redirectView: 'album' })
    expect(island(helpers.config())).toMatchObject({ redirectUrl: '/album/' })
    expect(island(helpers.config({ redirectUrl: helpers.getUrl('done', { id: '7' }) ?? '' }))).toMatchObject({
      redirectUrl: '/done/7',
    })
  })
})

describe('customInit and customOptions', () => {
  const give = (options: object) => () => page.config(options)

  it('need a nonce', () => {
    expect(give({ customInit: 'x()' })).toThrow(
      "config().nonce is undefined; it must be the nonce of this answer's Content-Security-Policy. Without a nonce, give the functions in a file of your own, with dropgate.configure().",
    )
    expect(give({ customInit: ' ', customOptions: '' })).not.toThrow()
  })

  it.each(['"</script>"', '"</SCRIPT >"', 'a <!-- b'])('refuse %j, which would end the script', code => {
    expect(give({ customOptions: code, nonce: 'abc' })).toThrow('it must be JavaScript without "</script" and "<!--".')
  })

  it.each([
    ['x()', 'a: 1'],
    ['x() // end', 'a: 1, // end'],
    ['x();', 'a: 1,'],
  ])('weak spot 9: stay JavaScript with %j and %j', (customInit, customOptions) => {
    const html = page.config({ id: 'a</script>', customInit, customOptions, nonce: 'abc' })
    const code = />(\(window[\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
    const ran: string[] = []
    const window: { dropgate?: [string, { init(dz: object): void; options(): object }][] } = {}
    new Function('window', 'x', code)(window, () => ran.push('x'))
    const [id, functions] = window.dropgate?.[0] ?? []
    functions?.init({})
    expect([id, functions?.options(), ran]).toEqual(['a</script>', { a: 1 }, ['x']])
  })
})

describe('getUrl', () => {
  it.each([
    ['', undefined],
    ['/a?b=1', '/a?b=1'],
    ['https://a.test/', 'https://a.test/'],
    ['http://a.test/', 'http://a.test/'],
  ])('%j is %j', (given, url) => {
    expect(page.getUrl(given)).toBe(url)
  })

  it('sends names through urlFor', () => {
    const urlFor = (name: string, params?: Readonly<Record<string, string>>) => `/${name}?id=${params?.id}`
    expect(pageWith({ urlFor }).getUrl('album', { id: '7' })).toBe('/album?id=7')
    expect(() => page.getUrl('album')).toThrow('getUrl() is "album"; it must be a path that begins with a slash')
    expect(() => pageWith({ urlFor: () => 'javascript:alert(1)' }).getUrl('album')).toThrow(
      'urlFor("album") is "javascript:alert(1)"',
    )
  })
})

describe('style', () => {
  it('is a stylesheet of its own without a nonce, where one can be kept', () => {
    let kept = ''
    const registerStyle = (css: string) => {
      kept = css
      return '/uploads/-/1.css'
    }
    expect(pageWith({ registerStyle }).style('color: red', { id: 'a' })).toBe(
      '<link rel="stylesheet" href="/uploads/-/1.css">\n',
    )
    expect(kept).toBe('.dropzone[data-dropgate][id="a"]{color: red}')
  })
})

describe('the drop area of an engine', () => {
  it.each([
    [
      { action: 'upload' },
      'dropArea.action is "upload"; it must be a path that begins with a slash or an http(s) URL. Names need the option urlFor.',
    ],
    [{ redirectView: 'done' }, 'dropArea.redirectView is "done"'],
    [{ enableCsrf: true }, 'dropArea.enableCsrf is on: a secret key is required to use CSRF. Set csrf.secret.'],
  ])('can not have %j without what it needs', (dropArea, sentence) => {
    expect(() => pageWith({}, dropArea)).toThrow(sentence)
    expect(() => pageWith({ csrf, urlFor: () => '/x' }, dropArea)).not.toThrow()
  })
})
