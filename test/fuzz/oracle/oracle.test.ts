/** The list of decisions and its check; the run itself, which needs the peers, is `npm run oracle`. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random } from '../random.ts'
import { classes, type Part, readClasses, refusedClasses } from './classes.ts'
import { outcomeOf, wordsOf } from './compare.ts'
import { disagreements, parseDecisions, type Row } from './decisions.ts'
import { ours, type Reader, Refused } from './peers.ts'

const decisions = parseDecisions(readFileSync(new URL('../../../docs/multipart-decisions.md', import.meta.url), 'utf8'))
const readerNames = ['dropgate', 'busboy', '@fastify/busboy', 'multiparty', 'formidable', 'Node formData()']
const words =
  /^(?:same|refuses|reads|reads nothing|crashes|hangs|(?:(?:loses|invents) parts|field for file|file for field|other (?:name|file name|type|content))(?: \+ other (?:name|file name|type|content))*)$/

describe('docs/multipart-decisions.md', () => {
  it('has a row for every class, with an outcome for every reader and a reason', () => {
    expect([...decisions.keys()]).toEqual(classes.map(({ name }) => name))
    for (const [name, { row, why }] of decisions) {
      expect([...row.keys()], name).toEqual(readerNames)
      expect(why.length, name).toBeGreaterThan(10)
      for (const outcomes of row.values()) for (const outcome of outcomes) expect(outcome, name).toMatch(words)
    }
  })

  it('says of us that we read what is to be read, and refuse the rest', () => {
    const said = (list: typeof classes) =>
      list.map(({ name }) => [...(decisions.get(name)?.row.get('dropgate') ?? [])].join())
    expect(new Set(said(readClasses))).toEqual(new Set(['same']))
    expect(new Set(said(refusedClasses))).toEqual(new Set(['refuses']))
  })
})

describe('our parser', () => {
  it.each(classes.map(one => [one.name, one] as const))('%s', async (_name, { make, seldom = 1 }) => {
    const random = new Random(1)
    for (let n = 0; n < Math.ceil(100 / seldom); n++) {
      const { contentType, body, expected } = make(random)
      const read = ours(contentType, Buffer.from(body, 'latin1'))
      if (typeof expected === 'string') await expect(read).rejects.toThrow(new Refused(expected))
      else expect(wordsOf({ parts: await read }, expected)).toBe('same')
    }
  })
})

describe('the comparison', () => {
  const part: Part = { name: 'a', filename: 'a.txt', type: 'text/plain', content: 'x' }
  const field: Part = { name: 'a', content: 'x' }

  it('has a word for every difference', () => {
    const of = (theirs: Part[], meant: Part[] | undefined = [part]) => wordsOf({ parts: theirs }, meant)
    expect(of([part])).toBe('same')
    expect(of([{ ...part, type: 'Text/Plain; charset=utf-8' }])).toBe('same')
    expect(of([])).toBe('loses parts')
    expect(of([part, part])).toBe('invents parts')
    expect(of([field])).toBe('field for file')
    expect(of([part], [field])).toBe('file for field')
    expect(of([{ ...part, name: 'b', content: 'y' }])).toBe('other content + other name')
    expect(of([{ ...part, filename: 'b', type: 'text/html' }])).toBe('other file name + other type')
    expect(wordsOf({ parts: [] }, undefined)).toBe('reads nothing')
    expect(wordsOf({ parts: [part] }, undefined)).toBe('reads')
  })

  it('notices a reader that refuses, crashes or hangs', async () => {
    const reader = (read: Reader['read']): Reader => ({ name: 'r', version: '', read })
    const outcome = (read: Reader['read']) => outcomeOf(reader(read), '', Buffer.alloc(0), true)
    expect(await outcome(async () => [field])).toEqual({ parts: [field] })
    expect(await outcome(() => Promise.reject(new Refused('no')))).toBe('refuses')
    expect(await outcome(() => Promise.reject(new TypeError('it is not a function')))).toBe('crashes')
    expect(await outcome(() => new Promise(() => {}))).toBe('hangs')
  })
})

describe('the list', () => {
  const row = (outcome: string): Row => new Map([['busboy', new Set(outcome.split(' / '))]])
  const table = (cell: string, why = 'a reason') =>
    parseDecisions(`| class | busboy | why |\n| --- | --- | --- |\n| \`c\` | ${cell} | ${why} |`)

  it('fails for what is not in it, what is no longer so, and what has no reason', () => {
    expect(disagreements(new Map([['c', row('same')]]), table('same'))).toEqual([])
    expect(disagreements(new Map([['c', row('same / refuses')]]), table('same'))).toEqual([
      'c: busboy: refuses is not in the list',
    ])
    expect(disagreements(new Map([['c', row('same')]]), table('same / refuses'))).toEqual([
      'c: busboy: refuses is listed and was not seen',
    ])
    expect(disagreements(new Map([['c', row('same')]]), table('same', '?'))).toEqual(['c: no reason is given'])
    expect(disagreements(new Map([['d', row('same')]]), table('same'))).toEqual([
      'd: not in the list',
      'c: there is no such class',
    ])
  })
})
