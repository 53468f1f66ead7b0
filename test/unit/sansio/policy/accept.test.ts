import { Dropzone } from 'dropzone'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definePolicy, essenceOf, isAccepted } from '../../../../src/sansio/policy/policy.ts'
import { extensionOfType, typesOf } from '../../../../src/sansio/policy/types.ts'

const accepts = (accept: string, name: string, type: string) =>
  isAccepted(definePolicy({ accept }).accept, { name, type })

describe('isAccepted', () => {
  it.each([
    ['*/*', 'anything.exe', 'text/html'],
    ['image/*', 'a.png', 'image/png'],
    ['image/png', 'a.png', 'image/png'],
    ['.pdf', 'a.PDF', 'application/pdf'],
    ['.PDF', 'a.pdf', ''],
    ['.tar.gz', 'a.tar.gz', 'application/gzip'],
    ['.tar.gz', 'a.TAR.GZ', ''],
    ['image/*, .pdf', 'a.pdf', ''],
    // Case and parameters do not count.
    ['image/png', 'a.png', 'IMAGE/PNG'],
    ['text/plain', 'a.txt', 'text/plain; charset=utf-8'],
    ['video/webm', 'a.webm', 'Video/WebM;codecs="vp9,opus"'],
    // A browser that does not know: the extension speaks.
    ['image/*', 'photo.heic', ''],
    ['image/*', 'photo.HEIC', 'application/octet-stream'],
    ['image/jpeg', 'a.jpg', 'application/octet-stream'],
    ['text/markdown', 'a.md', ''],
    ['application/octet-stream', 'a.png', 'application/octet-stream'],
    // Another name of the same type.
    ['text/csv', 'a.csv', 'application/vnd.ms-excel'],
    ['application/vnd.ms-excel', 'a.csv', 'application/vnd.ms-excel'],
    ['application/zip', 'a.zip', 'application/x-zip-compressed'],
    ['video/*', 'a.ts', 'video/mp2t'],
    ['text/*', 'a.ts', 'text/typescript'],
    ['audio/*', 'a.ogg', 'video/ogg'],
    // No extension, or one nobody knows: the declared type speaks.
    ['image/*', 'photo', 'image/jpeg'],
    ['image/*', 'photo.xyz', 'image/jpeg'],
    ['image/*', '_htaccess', 'image/png'],
    // Extensions that mean no harm within a name.
    ['application/pdf', 'menu.pl.pdf', 'application/pdf'],
    ['.pdf', 'v1.2.pdf', ''],
    ['.blade.php', 'x.blade.php', ''],
    ['.php, .jpg', 'x.php.jpg', 'image/jpeg'],
    ['text/x-csrc', 'a.c', 'text/x-csrc'],
  ])('%j lets %j of type %j in', (accept, name, type) => {
    expect(accepts(accept, name, type)).toBe(true)
  })

  it.each([
    ['image/*', 'a.pdf', 'application/pdf'],
    ['image/png', 'a.gif', 'image/gif'],
    ['.pdf', 'pdf', ''],
    ['.pdf', 'a.pdf.exe', 'application/pdf'],
    ['image/*', 'imagefile', 'imagex/png'],
    ['image/*', 'README', ''],
    ['image/*', 'README', 'application/octet-stream'],
    ['application/vnd.ms-excel', 'a.csv', 'text/csv'],
    // Smuggled types.
    ['image/png', 'a.png', 'text/html;image/png'],
    ['image/png', 'a', 'text/html;image/png'],
    ['image/png', 'a.png', 'image/png,text/html'],
    ['image/png', 'a', 'image/png,text/html'],
    ['image/png', 'a', 'text/html,image/png'],
    ['image/png', 'a', 'image/png text/html'],
    ['image/*', 'a', 'image/png\r\nX: y'],
    ['image/*', 'a', 'image/'],
    ['image/*', 'a', 'image/*'],
    ['image/*', 'a', 'image'],
    // The declared type contradicts.
    ['image/*', 'a.png', 'text/html'],
    ['image/jpeg', 'a.png', 'image/jpeg'],
  ])('%j keeps %j of type %j out', (accept, name, type) => {
    expect(accepts(accept, name, type)).toBe(false)
  })

  it('row 45: a program stays one, whatever it declares', () => {
    const programs = [
      'x.php',
      'x.PHP5',
      'x.phtml',
      'x.phar',
      'x.asp',
      'x.aspx',
      'x.jsp',
      'x.cgi',
      'x.pl',
      'x.sh',
      'x.exe',
      'x.html',
      'x.js',
      'x.svg.js',
      'x.bat',
      'x.hta',
      'x.jar',
      'x.png.php',
    ]
    for (const name of programs) {
      for (const type of ['image/png', '', 'application/octet-stream', 'IMAGE/JPEG; x=y']) {
        expect(accepts('image/*', name, type), `${name} as ${type}`).toBe(false)
        expect(accepts('image/png, .jpg', name, type), `${name} as ${type}`).toBe(false)
      }
    }
  })

  it('row 45: an extension that web servers run is refused before the last one too', () => {
    for (const name of [
      'shell.php.jpg',
      'shell.pHp5.JPG',
      'a.phtml.x.png',
      'a.php.blob',
      'a.asp.jpeg',
      'a.jsp.png',
      'shell.php.a b',
    ]) {
      expect(accepts('image/*', name, 'image/jpeg'), name).toBe(false)
      expect(accepts('.jpg, .jpeg, .png, .blob', name, 'image/jpeg'), name).toBe(false)
      expect(accepts('*/*', name, 'image/jpeg'), name).toBe(true)
    }
  })
})

describe('beside Dropzone 6.3.5', () => {
  const entry = fc.constantFrom(
    'image/*',
    'text/*',
    'image/png',
    'application/pdf',
    '.pdf',
    '.jpg',
    '.tar.gz',
    '.gz',
    'video/mp4',
    'text/csv',
    '.xyz',
    'application/zip',
  )
  const accept = fc.uniqueArray(entry, { maxLength: 4 })
  const stem = fc.constantFrom('a', 'Photo', 'b.c', 'x.tar', 'menü 2', 'v1.2')
  // Honest files: what a browser declares for the extension, or any type where the extension says nothing.
  const honest = fc.oneof(
    fc
      .constantFrom('.png', '.JPG', '.pdf', '.gz', '.mp4', '.csv', '.zip', '.txt')
      .map(ext => ({ ext, type: typesOf(`x${ext}`)?.[0] ?? '' })),
    fc.record({
      ext: fc.constantFrom('', '.xyz', '.Unknown'),
      type: fc.constantFrom('image/png', 'text/csv', 'application/pdf', 'video/mp4', ''),
    }),
  )

  it('says the same of every honest file', () => {
    let yes = 0
    fc.assert(
      fc.property(accept, stem, honest, (list, name, { ext, type }) => {
        fc.pre(ext !== '' || typesOf(name) === undefined)
        const file = { name: name + ext, type }
        // Dropzone goes through an empty text as "no list"; an empty list of its own refuses everything.
        const theirs = Dropzone.isValidFile(file as never, list.join(','))
        yes += theirs ? 1 : 0
        expect(isAccepted(list, file)).toBe(theirs)
      }),
      { numRuns: 3000 },
    )
    expect(yes).toBeGreaterThan(300)
    expect(yes).toBeLessThan(2700)
  })

  it('is stricter about what runs: no group stands for it', () => {
    for (const [list, name, type] of [
      ['image/*', 'a.svg', 'image/svg+xml'],
      ['text/*', 'a.html', 'text/html'],
    ] as const) {
      expect(Dropzone.isValidFile({ name, type } as never, list)).toBe(true)
      expect(isAccepted([list], { name, type })).toBe(false)
      expect(isAccepted([list, type], { name, type })).toBe(true)
      expect(isAccepted([list, name.slice(1)], { name, type })).toBe(true)
    }
  })

  it('lets in all that Dropzone lets in, when the type is any name of the extension', () => {
    fc.assert(
      fc.property(
        accept,
        stem,
        fc.constantFrom('.jpg', '.csv', '.ts', '.ogg', '.zip', '.xml', '.m4a'),
        fc.nat(9),
        (list, name, ext, pick) => {
          const types = typesOf(`x${ext}`) as readonly string[]
          const file = { name: name + ext, type: types[pick % types.length] as string }
          if (Dropzone.isValidFile(file as never, list.join(','))) expect(isAccepted(list, file)).toBe(true)
        },
      ),
    )
  })
})

describe('essenceOf', () => {
  it.each([
    ['Text/HTML; charset=utf-8', 'text/html'],
    [' image/svg+xml ', 'image/svg+xml'],
    ['', ''],
    [' ', ''],
    ['image/png,text/html', undefined],
    [';image/png', undefined],
    ['png', undefined],
    ['image/png\0', undefined],
  ])('of %j is %j', (type, essence) => {
    expect(essenceOf(type)).toBe(essence)
  })
})

describe('the table of types', () => {
  it('finds types by extension and extensions by type', () => {
    expect(typesOf('a.JPEG')?.[0]).toBe('image/jpeg')
    expect(typesOf('a.unknown')).toBeUndefined()
    expect(typesOf('constructor')).toBeUndefined()
    expect(extensionOfType('image/jpeg')).toBe('.jpg')
    expect(extensionOfType('application/pdf')).toBe('.pdf')
    expect(extensionOfType('x/y')).toBeUndefined()
  })
})
