import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanFilename, extensionOf } from '../../../../src/sansio/filename.ts'
import { windowsNames } from './windows-names.ts'

const bytes = (text: string) => new TextEncoder().encode(text).length
const codeOf = (action: () => unknown) => {
  try {
    action()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'nothing thrown'
}

/** Letters that have broken names somewhere, alone and in company. */
const nasty = fc.constantFrom(
  ...[
    '/',
    '\\',
    '.',
    '..',
    '...',
    ' ',
    '\t',
    '\r\n',
    ':',
    '<',
    '>',
    '"',
    '|',
    '?',
    '*',
    '%',
    '2',
    'e',
    '2e',
    '2f',
    '5c',
    '00',
  ],
  ...[
    '%2e',
    '%2F',
    '%5C',
    '%252f',
    'CON',
    'nul',
    'COM',
    'LPT',
    '1',
    '¹',
    '³',
    '$',
    'CLOCK',
    '::$DATA',
    '.php',
    '.tar.gz',
    '.jpg',
  ],
  ...[
    'a',
    'Z',
    'é',
    'e\u0301',
    '\u0301',
    '\u0338',
    '\u0327',
    'ﬁ',
    'Ａ',
    'ｃｏｎ',
    '\u212A',
    '가',
    '\u1100\u1161',
    '😀',
    '👩‍🚀',
  ],
  ...[
    '／',
    '＼',
    '．',
    '‥',
    '…',
    '℅',
    '﹨',
    '\u2024',
    '\uFE30',
    '\uD83D',
    '\uDE00',
    '\uFEFF',
    '\u200B',
    '\u200D',
    '\u202E',
  ],
  ...[
    '\u2066',
    '\u061C',
    '\u00AD',
    '\u2028',
    '\u0085',
    '\u00A0',
    '\u3000',
    '\u0007',
    '\u007F',
    '\uFE0F',
    '\u{E0041}',
    '\uFFF9',
  ],
)
const nastyName = fc
  .oneof(
    fc.array(nasty, { maxLength: 12 }),
    fc.array(nasty, { minLength: 60, maxLength: 200 }),
    fc.tuple(nasty, fc.nat(300), nasty, nasty).map(([a, n, b, c]) => [a.repeat(n), b, c]),
  )
  .map(parts => parts.join(''))
const cleanable = fc
  .oneof(nastyName, fc.string({ unit: 'binary' }))
  .filter(name => codeOf(() => cleanFilename(name)) !== 'name-not-allowed')

describe('a name a person chose', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['Ünïcode 😀 "x".png', 'Ünïcode 😀 _x_.png'],
    ["it's 100% (final) [v2] & more, #1 + $5 ~ = @home.pdf", "it's 100% (final) [v2] & more, #1 + $5 ~ = @home.pdf"],
    ['写真 2026.jpeg', '写真 2026.jpeg'],
    ['résumé.tar.gz', 'résumé.tar.gz'],
    ['❤️ love.png', '❤️ love.png'],
    ['-rf', '-rf'],
    ['Meeting 10:30.txt', 'Meeting 10_30.txt'],
  ])('%j is kept as %j', (sent, kept) => {
    expect(cleanFilename(sent)).toBe(kept)
  })

  it('falls back to "file" when nothing is left', () => {
    for (const sent of ['', ' ', '.', '..', '...', '. .', '/', 'a/', '\\', '\u200B', '\u0007', '\u3000.']) {
      expect(cleanFilename(sent)).toBe('file')
    }
  })
})

describe('row 39: traversal', () => {
  const ups = [
    '../',
    '..\\',
    './',
    '.\\',
    '/',
    '\\',
    '//',
    '\\\\',
    '....//',
    '..;/',
    '%2e%2e%2f',
    '%2e%2e/',
    '..%2f',
    '..%5c',
    '%2E%2E%5C',
    '%252e%252e%252f',
    '．．／',
    '‥／',
    '..／',
    '..∕',
    'C:\\',
    'C:/',
    '\\\\server\\share\\',
    '\\\\?\\C:\\',
    'file:///',
    '~/',
    ' ../',
    '.. /',
  ]
  const ends = ['etc/passwd', 'x', '..', '.', '', '.ssh/authorized_keys', 'Windows\\win.ini']
  const corpus = ups.flatMap(up => ends.flatMap(end => [up + end, up.repeat(2) + end, up.repeat(8) + end]))

  it(`makes every one of ${corpus.length} climbing names one plain segment, also after decoding or NFKC`, () => {
    expect(corpus.length).toBeGreaterThanOrEqual(500)
    for (const sent of corpus) {
      const kept = cleanFilename(sent)
      for (const seen of [kept, kept.normalize('NFKC'), decodeURIComponent(kept)]) {
        expect(seen, JSON.stringify(sent)).not.toMatch(/[/\\]|^\.|^\s*$/)
      }
    }
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/absolute/name.txt', 'name.txt'],
    ['\\\\server\\share\\name.txt', 'name.txt'],
    ['%2e%2e%2fetc%2fpasswd', '__etc_passwd'],
    ['a%2Fb.txt', 'a_b.txt'],
    ['%252e%252e%252fx', '%252e%252e%252fx'],
    ['．．／x', '__x'],
    ['AC／DC.mp3', 'AC_DC.mp3'],
  ])('%j is kept as %j', (sent, kept) => {
    expect(cleanFilename(sent)).toBe(kept)
  })

  it('knows every letter that NFKC turns into a separator or a leading dot', () => {
    const missed: string[] = []
    for (let code = 1; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const letter = String.fromCodePoint(code)
      if (/[/\\]/.test(cleanFilename(`a${letter}b`).normalize('NFKC'))) missed.push(code.toString(16))
      if (cleanFilename(`${letter}b`).normalize('NFKC').startsWith('.')) missed.push(code.toString(16))
    }
    expect(missed).toEqual([])
  })
})

describe('row 41: NUL', () => {
  it.each(['\0', 'x.jpg\0.php', 'x.jpg%00.php', '%00', 'dir/\0/x', '%\u200B00', '%0\u202E0', 'a%00/b'])(
    '%j is refused',
    sent => {
      expect(codeOf(() => cleanFilename(sent))).toBe('name-not-allowed')
    },
  )

  it('leaves other percent signs alone', () => {
    expect(cleanFilename('100%0.txt')).toBe('100%0.txt')
    expect(cleanFilename('%2500.txt')).toBe('%2500.txt')
  })
})

describe('row 42: Windows', () => {
  it(`has a table of at least 60 names`, () => expect(windowsNames.length).toBeGreaterThanOrEqual(60))
  it.each(windowsNames)('%j is kept as %j', (sent, kept) => {
    expect(cleanFilename(sent)).toBe(kept)
  })
})

describe('row 43: Unicode', () => {
  it('composes: a name from a Mac is the name from Linux', () => {
    expect(cleanFilename('U\u0308ber.txt')).toBe('Über.txt')
    expect(cleanFilename('e\u200B\u0301.txt')).toBe('é.txt')
  })

  it('removes what draws nothing and what turns the text around', () => {
    expect(cleanFilename('invoice\u202Egpj.exe')).toBe('invoicegpj.exe')
    expect(cleanFilename('a\u200B\u200C\u200D\u2060\uFEFF\u00AD\u061C\u200E\u2066\u2069\u{E0041}b')).toBe('ab')
    expect(cleanFilename('a\r\nb\tc\u007F\u0085\u2028\u2029d')).toBe('abcd')
  })

  it('makes lone surrogates U+FFFD and keeps pairs', () => {
    expect(cleanFilename('a\uD83Db\uDE00c😀')).toBe('a\uFFFDb\uFFFDc😀')
  })

  it('is idempotent over nasty alphabets (20,000 runs)', () => {
    fc.assert(
      fc.property(cleanable, sent => {
        const kept = cleanFilename(sent)
        expect(cleanFilename(kept)).toBe(kept)
      }),
      { numRuns: 20_000 },
    )
  })

  it('always returns one safe, composed, visible segment', () => {
    fc.assert(
      fc.property(cleanable, sent => {
        const kept = cleanFilename(sent)
        expect(kept).toBe(kept.normalize('NFC'))
        expect(kept).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Cs}\p{Bidi_Control}\u200B-\u200D\u2060\uFEFF]/u)
        expect(kept).not.toMatch(/^[.\s]|[.\s]$|^$/)
        expect(kept).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i)
        expect(kept.normalize('NFKC')).not.toMatch(/[/\\]|^\./)
        expect(bytes(kept)).toBeLessThanOrEqual(255)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('row 44: long names', () => {
  it('cuts 1 to 1,000 letters of 1 to 4 bytes at a code point and keeps the extension', () => {
    for (const letter of ['a', 'ü', '写', '😀']) {
      for (let n = 1; n <= 1000; n++) {
        const sent = `${letter.repeat(n)}.tar.gz`
        const kept = cleanFilename(sent)
        expect(bytes(kept)).toBe(
          n * bytes(letter) + 7 <= 255 ? bytes(sent) : 7 + Math.floor(248 / bytes(letter)) * bytes(letter),
        )
        expect(kept.endsWith('.tar.gz')).toBe(true)
        expect(sent.startsWith(kept.slice(0, -7))).toBe(true)
      }
    }
  })

  it('cuts an endless extension like any letters', () => {
    expect(cleanFilename(`a.${'x'.repeat(400)}`)).toBe(`a.${'x'.repeat(253)}`)
  })

  it('checks again what the cut laid bare', () => {
    expect(cleanFilename(`${'a'.repeat(254)} b${'c'.repeat(99)}`)).toBe('a'.repeat(254))
    expect(cleanFilename(`CON${' '.repeat(300)}x.txt`)).toMatch(/^_CON/)
  })

  it('takes at most 5 ms for 16 KiB of anything', () => {
    const worst = [' ', '.', '. ', '%2e', '/', 'e\u0301', '\u0301\u0327', '\u200B', '.a', '😀', '%', '<', '\uD83D']
    for (const unit of worst) {
      for (const name of [unit.repeat(16_384 / unit.length), `${unit.repeat(16_000 / unit.length)}x`]) {
        const times = [1, 2, 3, 4, 5].map(() => {
          const start = performance.now()
          cleanFilename(name)
          return performance.now() - start
        })
        expect(Math.min(...times), JSON.stringify(unit)).toBeLessThan(5)
      }
    }
  })
})

describe('row 45: hidden files', () => {
  it.each([
    ['.htaccess', '_htaccess'],
    ['..htaccess', '_htaccess'],
    [' .htaccess', '_htaccess'],
    ['.\u200B.env', '_env'],
    ['．htaccess', '_htaccess'],
    ['%2ehtaccess', '_htaccess'],
    ['dir/.dropgate', '_dropgate'],
  ])('%j is kept as %j, without a leading dot', (sent, kept) => {
    expect(cleanFilename(sent)).toBe(kept)
    expect(extensionOf(kept)).toBe('')
  })
})
