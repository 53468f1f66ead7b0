/** Threat rows 39 to 47: what files call themselves, and what was planted where they go. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { expect } from 'vitest'
import { contentOf } from '../support/contents.ts'
import { type Bytes, file, form, formOf, post } from './forms.ts'
import { namesIn } from './host.ts'
import type { ServerConfig } from './orders.ts'
import { becomes } from './probes.ts'
import { type Case, expectRefusal, type Row, threatRows } from './support.ts'

const typeRefused = 'This file type is not allowed.'
const images: ServerConfig = { policy: { accept: ['.jpg', 'image/png'] } }

const rows: Row[] = [
  {
    row: 39,
    name: 'weak spot 11, trap 7: 576 names that climb: all are stored in the folder, under one plain component',
    run: async run => {
      const names = climbingNames()
      expect(new Set(names).size).toBeGreaterThan(500)
      for (let at = 0; at < names.length; at += 96) {
        const some = names.slice(at, at + 96)
        const answer = await run.ask(post(formOf(some.map((name, i) => file(name, `content ${at + i}`)))))
        expect(answer.status, answer.body).toBe(201)
        const stored = namesIn(answer)
        expect(stored.filter(name => /^\.|[/\\:\0]|^$|%2f|%5c/i.test(name))).toEqual([])
        run.keep(Object.fromEntries(stored.map((name, i) => [name, `content ${at + i}`])))
      }
    },
  },
  {
    row: 39,
    name: 'trap 7: the last component is what is kept',
    cases: () =>
      stores([
        ['../../etc/passwd', 'passwd'],
        ['..\\..\\a.txt', 'a.txt'],
        ['/etc/hosts', 'hosts'],
        ['C:\\Windows\\b.txt', 'b.txt'],
        ['\\\\server\\share\\c.txt', 'c.txt'],
        ['%2e%2e%2fd.txt', '__d.txt'],
        ['..', 'file'],
        ['....//', 'file (1)'],
        ['.dropgate', '_dropgate'],
      ]),
  },
  {
    row: 40,
    name: 'ids in the URL that climb out',
    run: async run => {
      const ids = [
        '../store/secret.txt',
        '..%2fsecret.txt',
        '%2e%2e/secret.txt',
        '..\\secret.txt',
        'a%00b',
        '..',
        '.',
        'secret.txt',
        '-/../../x',
      ]
      await writeFile(joinPath(run.place.store, 'secret.txt'), 'not for you')
      run.keep({ 'secret.txt': 'not for you' })
      for (const id of ids) {
        for (const method of ['GET', 'PATCH', 'DELETE', 'POST']) {
          const answer = await run.ask(
            `${method} /uploads/${id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
          )
          expectRefusal(answer, 404, 'Upload not found.', `${method} ${id}`)
        }
      }
    },
  },
  {
    row: 41,
    name: 'trap 7: NUL, raw or encoded',
    cases: () => [
      ...['a%00.txt', '%00', 'a.php%00.jpg', '../%00/x'].map(name => refusedName(post(form(file(name, 'x'))))),
      refusedName(post(form(file('whole.txt', 'x'), file('a%00.txt', 'x')))),
      refusedName(post('x', { type: 'image/png', target: '/uploads?name=a%00.png' })),
      refusedName(post('x', { type: 'image/png', target: '/uploads?name=a%2500.png' })),
      { send: post(form(file('a\0.txt', 'x'))), status: 400, text: 'Malformed multipart data.' },
    ],
  },
  {
    row: 42,
    name: 'trap 7: names that Windows keeps for itself: the same on every system',
    cases: () => [
      ...stores(deviceNames().map(name => [name, `_${name}`])),
      ...stores([
        ['dot.', 'dot'],
        ['dots. . .', 'dots'],
        ['space ', 'space'],
        [' before', 'before'],
        ['a.txt:stream', 'a.txt_stream'],
        ['b.txt::$DATA', 'b.txt__$DATA'],
        ['<c>|"d"?*.txt'.replaceAll('"', '%22'), '_c___d___.txt'],
        ['CON.', '_CON (1)'],
        ['a/CON', '_CON (2)'],
        ['CONSOLE', 'CONSOLE'],
        ['COM10.txt', 'COM10.txt'],
        ['nulls', 'nulls'],
      ]),
    ],
  },
  {
    row: 43,
    name: 'trap 7: Unicode: one normal form, nothing invisible, nothing that turns into a path later',
    cases: () =>
      stores([
        ['Cafe\u0301.txt', 'Caf\u00E9.txt'],
        ['\uFF0E\uFF0E\uFF0Fa.txt', '__a.txt'],
        ['b\u202Egpj.exe', 'bgpj.exe'],
        ['c\u200B\u200D\uFEFF\u2060.txt', 'c.txt'],
        ['d\u2028e\u2029.txt', 'de.txt'],
        ['f\u0007\u001B[31m.txt', 'f[31m.txt'],
        ['g\u{E0041}.txt', 'g.txt'],
        ['\u202E..\u200B/h', 'h'],
        ['\u2025i', '_i'],
        ['j\u2100k', 'j_k'],
        ['%\u200B2e', '_'],
        ['日本語 עברית 👩‍👩‍👧.txt'.replaceAll('\u200D', ''), '日本語 עברית 👩👩👧.txt'],
        [Buffer.from([0xc0, 0xae, 0xc0, 0xaf]), '\uFFFD\uFFFD\uFFFD\uFFFD'],
        [Buffer.from([0x6c, 0xed, 0xa0, 0x80, 0x2e, 0x74]), 'l\uFFFD\uFFFD\uFFFD.t'],
      ]),
  },
  {
    row: 43,
    name: 'what was cleaned is not changed by being cleaned again',
    run: async run => {
      const names = [
        '%\u200B2e%\u200B2e/',
        'a\u0338\u0301\u0327',
        '\u202E ..\u200B .',
        '. .a',
        'CON\u200B',
        ' \uFF0E.',
        '\u1E9B\u0323',
        'a.\u200B',
      ]
      const first = namesIn(await run.ask(post(formOf(names.map(name => file(name, 'x'))))))
      const clean = first.filter(name => !name.includes(' ('))
      expect(clean.length).toBeGreaterThan(4)
      const again = namesIn(await run.ask(post(formOf(clean.map(name => file(name, 'x'))))))
      expect(again.map(name => name.replace(/ \(\d\)/, ''))).toEqual(clean)
      run.keep(Object.fromEntries([...first, ...again].map(name => [name, 'x'])))
    },
  },
  {
    row: 44,
    name: 'names of 1 to 1,000 letters of 1 to 4 bytes: at most 255 bytes, whole letters, the extension kept',
    run: async run => {
      for (const letter of ['a', 'ü', '日', '😀']) {
        const lengths = [1, 50, 62, 63, 64, 83, 84, 85, 125, 126, 127, 128, 250, 251, 252, 255, 256, 300, 999, 1_000]
        const answer = await run.ask(
          post(formOf(lengths.map(length => file(`${letter.repeat(length)}.jpeg`, `${length}`)))),
        )
        const names = namesIn(answer)
        for (const [i, name] of names.entries()) {
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
          expect(name).toMatch(new RegExp(`^(?:${letter})+(?: \\(\\d+\\))?\\.jpeg$`, 'u'))
          const whole = (lengths[i] as number) * Buffer.byteLength(letter) + 5
          if (whole <= 255) expect(name).toBe(`${letter.repeat(lengths[i] as number)}.jpeg`)
          else expect(Buffer.byteLength(name)).toBeGreaterThan(255 - 4)
        }
        expect(names.length).toBe(lengths.length)
        run.keep(Object.fromEntries(names.map((name, i) => [name, String(lengths[i])])))
      }
    },
  },
  {
    row: 45,
    name: 'weak spot 11: scripts in disguise',
    server: images,
    cases: () => [
      ...[
        'shell.php',
        'shell.php.jpg',
        'shell.PHP.jpg',
        'shell.phtml.jpg',
        'x.jpg.php',
        '.htaccess',
        'x.jpg/.htaccess',
        'x.asp;.jpg.cer',
        'x.jsp',
        'x.jpg:.php',
        'x.jpg.'.concat('exe'),
      ].map(name => ({ send: post(form(file(name, '<?php'))), status: 415, text: typeRefused })),
      ...['x.jpg%00.php', 'x.php%00.jpg'].map(name => refusedName(post(form(file(name, '<?php'))))),
      ...['photo.jpg', 'menu.pl.JPG'].map((name, at) => {
        const photo = contentOf('jpg', `photo ${at}`)
        return { send: post(form(file(name, photo))), status: 201, keeps: { [name]: photo } }
      }),
    ],
  },
  {
    row: 45,
    name: 'no file can be run, no stranger can read: 0600, and 0700 for folders',
    run: async run => {
      await run.check({ send: post(form(file('run.sh', '#!/bin/sh'))), status: 201, keeps: { 'run.sh': '#!/bin/sh' } })
      const modes = ['run.sh', '.', '.dropgate'].map(
        async name => (await stat(joinPath(run.place.store, name))).mode & 0o777,
      )
      expect(await Promise.all(modes)).toEqual([0o600, 0o700, 0o700])
    },
  },
  {
    row: 46,
    name: '100 racing uploads of one name are 100 files',
    run: async run => {
      const content = (i: number) => `content of number ${i}`
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) => run.ask(post(form(file('same.txt', content(i)))))),
      )
      const names = answers.map(answer => namesIn(answer)[0] as string)
      expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(201))
      expect(new Set(names).size).toBe(100)
      expect(names.filter(name => !/^same(?: \(\d+\))?\.txt$/.test(name))).toEqual([])
      run.keep(Object.fromEntries(names.map((name, i) => [name, content(i)])))
    },
  },
  {
    row: 47,
    name: 'links planted under the final name lead nobody anywhere',
    run: async run => {
      const { around, store } = run.place
      const target = `${around}-target`
      const missing = `${around}-missing`
      await writeFile(target, 'untouched')
      const plants = ['a.txt', 'b.txt', 'c.txt'].map(name => joinPath(store, name))
      await symlink(target, plants[0] as string)
      await symlink(missing, plants[1] as string)
      await mkdir(plants[2] as string)
      for (const name of ['a', 'b', 'c']) {
        await run.check({
          send: post(form(file(`${name}.txt`, name))),
          status: 201,
          keeps: { [`${name} (1).txt`]: name },
        })
      }
      expect(await readFile(target, 'utf8')).toBe('untouched')
      expect(existsSync(missing)).toBe(false)
      for (const plant of plants) await rm(plant, { recursive: true })
    },
  },
  {
    row: 47,
    name: 'a link planted in place of the folder of temporaries is not followed; without it, uploads work again',
    server: { planted: true },
    // Through the link, the clean rule looks into the folder it leads to.
    cases: () =>
      [post(form(file('a.txt', 'x'))), post(form(file('a.txt', Buffer.alloc(2_000_000))))].map(send => ({
        send,
        status: 500,
        text: 'The file could not be saved.',
      })),
    after: run => rm(joinPath(run.place.store, '.dropgate')),
  },
  {
    row: 47,
    name: 'a link swapped in for the folder of temporaries while the server runs is not followed',
    run: async run => {
      const { around, store } = run.place
      const target = `${around}-empty`
      await mkdir(target)
      await rename(joinPath(store, '.dropgate'), `${around}-aside`)
      await symlink(target, joinPath(store, '.dropgate'))
      const content = Buffer.alloc(2_000_000, 'x')
      const client = await run.client()
      const request = post(form(file('a.txt', content)))
      await client.write(request.subarray(0, 1_500_000))
      await becomes(async () => (await readdir(`${around}-aside`)).length, 1, 1_000)
      expect(await readdir(target)).toEqual([])
      await client.write(request.subarray(1_500_000))
      expect((await client.answer()).status).toBe(201)
      run.keep({ 'a.txt': content })
      expect(await readdir(target)).toEqual([])
      await rm(joinPath(store, '.dropgate'))
      await rename(`${around}-aside`, joinPath(store, '.dropgate'))
    },
  },
]

threatRows(rows)

/** Uploads whose names are sent and stored so; the content tells them apart. */
function stores(names: readonly (readonly [sent: Bytes, stored: string])[]): Case[] {
  return names.map(([sent, stored]) => ({
    send: post(form(file(sent, `content of ${stored}`))),
    status: 201,
    keeps: { [stored]: `content of ${stored}` },
  }))
}

function refusedName(send: Bytes): Case {
  return { send, status: 400, text: 'The file name is not allowed.' }
}

/** Names of devices on Windows, with and without an extension. */
function deviceNames(): readonly string[] {
  const digits = Array.from({ length: 10 }, (_, i) => i)
  return [
    ...['CON', 'con', 'PRN', 'AUX', 'NUL', 'CLOCK$', 'CONIN$', 'CONOUT$', 'NUL.txt', 'nul.tar.gz', 'Aux.c', 'con .txt'],
    ...digits.map(digit => `COM${digit}`),
    ...digits.map(digit => `lpt${digit}.txt`),
    ...['COM¹', 'COM².txt', 'LPT³', '\uFF23\uFF2F\uFF2E'],
  ]
}

/** Ways up, ways down and endings, each with each. */
function climbingNames(): readonly string[] {
  const ways = [
    '../',
    '..\\',
    '%2e%2e%2f',
    '%2e%2e/',
    '..%2f',
    '..%5c',
    '....//',
    './../',
    '/',
    '\\',
    'C:\\',
    'C:',
    '//server/share/',
    '\\\\?\\C:\\',
    'file:///',
  ]
  ways.push(
    '..%c0%af',
    '..\u2215',
    '\uFF0E\uFF0E\uFF0F',
    '..%252f',
    '~/',
    '.\u200B./',
    '\u2025/',
    'a/../../',
    '.../...//',
  )
  const repeats = [1, 2, 9]
  const ends = ['passwd', '..', '.', '.ssh', 'x.txt', '...', '..;/x', 'CON']
  return ways.flatMap(way => repeats.flatMap(times => ends.map(end => way.repeat(times) + end)))
}
