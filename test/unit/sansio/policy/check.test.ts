import { describe, expect, it } from 'vitest'
import { defaultMessages, defineMessages } from '../../../../src/sansio/messages.ts'
import { checkCount, checkDeclared, checkSize, checkTotal, definePolicy } from '../../../../src/sansio/policy/policy.ts'

const MiB = 1024 ** 2
const policy = definePolicy({
  accept: 'image/*',
  maxFileSize: '10 MiB',
  maxFiles: 2,
  maxTotalSize: '1.5 GiB',
  emptyFiles: false,
})
const verdict = (error: { code: string; status: number; message: string } | undefined) =>
  error && `${error.status} ${error.code}: ${error.message}`

describe('declared facts', () => {
  const check = (name: string, type: string, size?: number) =>
    verdict(checkDeclared(policy, size === undefined ? { name, type } : { name, type, size }, defaultMessages))

  it('pass when they are within the policy', () => {
    expect(check('a.png', 'image/png')).toBeUndefined()
    expect(check('a.png', 'image/png', 10 * MiB)).toBeUndefined()
  })

  it('are refused by size first, then by type, as on the page', () => {
    expect(check('a.exe', '', 12 * MiB)).toBe('413 file-too-big: File is too big (12 MiB). Max filesize: 10 MiB.')
    expect(check('a.exe', '', 0)).toBe('400 file-empty: The file is empty.')
    expect(check('a.exe', '', 1)).toBe('415 type-not-allowed: This file type is not allowed.')
    expect(check('a.exe', 'image/png')).toBe('415 type-not-allowed: This file type is not allowed.')
  })
})

describe('measured facts', () => {
  const check = (size: number, final: boolean, expected?: number) =>
    verdict(checkSize(policy, expected === undefined ? { size, final } : { size, final, expected }, defaultMessages))

  it('pass up to the very last byte', () => {
    expect(check(10 * MiB, true)).toBeUndefined()
    expect(check(10 * MiB, false)).toBeUndefined()
    expect(check(0, false)).toBeUndefined()
  })

  it('name the size when it is known, and "more than" the limit when it is not', () => {
    expect(check(12 * MiB, true)).toBe('413 file-too-big: File is too big (12 MiB). Max filesize: 10 MiB.')
    expect(check(10 * MiB + 1, false)).toBe(
      '413 file-too-big: File is too big (more than 10 MiB). Max filesize: 10 MiB.',
    )
    expect(check(10 * MiB + 1, false, 48 * MiB)).toBe(
      '413 file-too-big: File is too big (48 MiB). Max filesize: 10 MiB.',
    )
    expect(check(10 * MiB + 1, true)).toBe(
      '413 file-too-big: File is too big (more than 10 MiB). Max filesize: 10 MiB.',
    )
    expect(check(11 * MiB, false, 3)).toBe(
      '413 file-too-big: File is too big (more than 10 MiB). Max filesize: 10 MiB.',
    )
  })

  it('refuse an empty file at its end only, and only if the policy says so', () => {
    expect(check(0, true)).toBe('400 file-empty: The file is empty.')
    expect(checkSize(definePolicy(), { size: 0, final: true }, defaultMessages)).toBeUndefined()
  })

  it('know no end without a limit', () => {
    const free = definePolicy({ maxFileSize: Infinity })
    expect(checkSize(free, { size: Number.MAX_SAFE_INTEGER, final: true }, defaultMessages)).toBeUndefined()
  })
})

describe('one request', () => {
  it('may have as many files as the policy says', () => {
    expect(checkCount(policy, 2, defaultMessages)).toBeUndefined()
    expect(verdict(checkCount(policy, 3, defaultMessages))).toBe(
      '413 too-many-files: You can not upload any more files.',
    )
    expect(checkCount(definePolicy(), 1e9, defaultMessages)).toBeUndefined()
  })

  it('may have as many bytes as the policy says', () => {
    expect(checkTotal(policy, 1536 * MiB)).toBeUndefined()
    expect(verdict(checkTotal(policy, 1536 * MiB + 1))).toBe(
      '413 total-too-big: The files are too big together. Max size of one request: 1.5 GiB.',
    )
  })
})

describe('own sentences', () => {
  const messages = defineMessages({
    fileTooBig: '{{filesize}} is over {{maxFilesize}} ({{maxFilesize}} MiB), $& $1',
    invalidFileType: 'PNG only!',
    maxFilesExceeded: 'Only {{maxFiles}}, really {{maxFiles}}! $&',
  })

  it('replace ours, with the numbers filled in', () => {
    expect(verdict(checkDeclared(policy, { name: 'a.exe', type: '' }, messages))).toBe(
      '415 type-not-allowed: PNG only!',
    )
    expect(verdict(checkSize(policy, { size: 12.5 * MiB, final: true }, messages))).toBe(
      '413 file-too-big: 12.5 is over 10 (10 MiB), $& $1',
    )
    expect(verdict(checkCount(policy, 3, messages))).toBe('413 too-many-files: Only 2, really 2! $&')
  })
})
