import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { defaultMessages, defineMessages } from '../../../../src/sansio/messages.ts'
import { definePolicy, describePolicy, type PolicyOptions } from '../../../../src/sansio/policy/policy.ts'

const describeOptions = (options?: PolicyOptions) => describePolicy(definePolicy(options), defaultMessages)

describe('describePolicy', () => {
  it('speaks to Dropzone in its own names and units', () => {
    const { dropzone, accept } = describeOptions({ accept: ['image/*', '.pdf'], maxFileSize: '50 MiB', maxFiles: 30 })
    expect(dropzone).toMatchObject({ maxFilesize: 50, acceptedFiles: 'image/*,.pdf', maxFiles: 30 })
    expect(accept).toBe('image/*,.pdf')
  })

  it('writes no limit as null, and everything as no list', () => {
    const { dropzone, accept } = describeOptions({ maxFileSize: Infinity })
    expect(dropzone).toMatchObject({ maxFilesize: null, acceptedFiles: null, maxFiles: null })
    expect(accept).toBe('')
    expect(JSON.parse(JSON.stringify(dropzone))).toEqual(dropzone)
  })

  it('draws the line at the same byte as the server', () => {
    for (const bytes of [1024, 5000, 1_000_001, 256 * 1024 ** 2 + 1, 2 ** 52 + 1]) {
      // Dropzone compares file.size > maxFilesize * 1024 * 1024.
      expect((describeOptions({ maxFileSize: bytes }).dropzone.maxFilesize as number) * 1024 * 1024).toBe(bytes)
    }
  })

  it('passes every text under the name of a Dropzone option', () => {
    const texts = Object.fromEntries(Object.keys(defaultMessages).map(name => [name, `own ${name}`]))
    const { dropzone } = describePolicy(definePolicy(), defineMessages(texts))
    const dicts = Object.entries(dropzone).filter(([name]) => name.startsWith('dict'))
    expect(dicts.map(([, text]) => text).sort()).toEqual(Object.values(texts).sort())
    const source = readFileSync(fileURLToPath(import.meta.resolve('dropzone')), 'utf8')
    const defaults = source.slice(source.indexOf('var defaultOptions = {'))
    for (const name of Object.keys(dropzone)) expect(defaults).toMatch(new RegExp(`^\t${name}:`, 'm'))
  })

  it.each<[PolicyOptions, string]>([
    [{}, 'Files of any type, up to 256 MiB each.'],
    [{ maxFileSize: Infinity }, 'Files of any type.'],
    [
      { accept: 'image/*, .pdf', maxFileSize: '50 MiB', maxFiles: 30 },
      'Images and .pdf files, up to 50 MiB each, at most 30 at a time.',
    ],
    [{ accept: 'image/*', maxFiles: 1 }, 'Images, up to 256 MiB each, one at a time.'],
    [{ accept: 'image/*,video/*,audio/*', maxFileSize: Infinity }, 'Images, videos and audio files.'],
    [{ accept: '.pdf', maxFileSize: '1.5 GiB' }, '.pdf files, up to 1.5 GiB each.'],
    [
      { accept: 'application/pdf, .pdf, image/png, application/x-own', maxFileSize: Infinity },
      '.pdf, .png and application/x-own files.',
    ],
    [{ maxFileSize: Infinity, maxTotalSize: '1 GiB' }, 'Files of any type, at most 1 GiB at a time.'],
    [
      { maxFileSize: Infinity, maxTotalSize: '1 GiB', maxFiles: 3 },
      'Files of any type, at most 3 and 1 GiB at a time.',
    ],
    [{ maxFileSize: Infinity, emptyFiles: false }, 'Files of any type. Empty files are refused.'],
  ])('says %j to people', (options, sentence) => {
    expect(describeOptions(options).sentence).toBe(sentence)
  })
})
