import { expect, test } from 'vitest'
import { UploadError } from '../../../../src/sansio/errors.ts'
import { storageError } from '../../../../src/storages/disk/errors.ts'
import { failure } from '../temp-folder.ts'

test.each([
  ['ENOSPC', 'storage-full', 507],
  ['EDQUOT', 'storage-full', 507],
  ['EIO', 'storage-failed', 500],
  ['EROFS', 'storage-failed', 500],
  ['EACCES', 'storage-failed', 500],
  ['EMFILE', 'server-busy', 503],
  ['ENFILE', 'server-busy', 503],
  ['ENAMETOOLONG', 'name-not-allowed', 400],
])('%s becomes %s with status %i', (errno, code, status) => {
  const cause = failure(errno)
  expect(storageError(cause)).toMatchObject({ code, status, cause })
})

test('the sentence holds neither the errno nor the path', () => {
  for (const errno of ['ENOSPC', 'EIO', 'EMFILE'])
    expect(storageError(failure(errno)).message).not.toMatch(/E[A-Z]+|\//)
})

test('a busy server says when to come back', () => {
  expect(storageError(failure('EMFILE')).headers).toEqual({ 'Retry-After': '2' })
})

test('a refusal passes unchanged', () => {
  const error = new UploadError('name-not-allowed')
  expect(storageError(error)).toBe(error)
})
