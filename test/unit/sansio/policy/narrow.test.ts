import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultMessages } from '../../../../src/sansio/messages.ts'
import { applyNarrowed, narrowPolicy } from '../../../../src/sansio/policy/narrow.ts'
import { checkDeclared, definePolicy, type PolicyOptions } from '../../../../src/sansio/policy/policy.ts'

const policy = definePolicy({ accept: ['image/*', '.pdf'], maxFileSize: '50 MiB', maxFiles: 30, emptyFiles: false })

describe('narrowPolicy', () => {
  it('gives the page its own limits, and tells what differs', () => {
    const { policy: own, narrowed } = narrowPolicy(policy, { accept: '.png', maxFileSize: '1 MiB', maxFiles: 30 })
    expect(narrowed).toEqual({ accept: ['.png'], maxFileSize: 1024 ** 2 })
    expect(own).toEqual({ ...policy, accept: ['.png'], maxFileSize: 1024 ** 2, within: ['image/*', '.pdf'] })
  })

  it('says nothing of what is the same', () => {
    expect(
      narrowPolicy(policy, { accept: 'IMAGE/*, .pdf', maxFileSize: '50 MiB', emptyFiles: false }).narrowed,
    ).toEqual({})
  })

  it.each([
    [
      { maxFileSize: '51 MiB' },
      'config().maxFileSize is "51 MiB"; it must be at most 50 MiB, as the policy says. A page can only narrow what may come in.',
    ],
    [{ maxFileSize: Infinity }, 'config().maxFileSize is Infinity; it must be at most 50 MiB'],
    [{ maxFiles: 31 }, 'config().maxFiles is 31; it must be at most 30'],
    [{ emptyFiles: true }, 'config().emptyFiles is true; it must be false'],
    [{ accept: '.exe' }, 'config().accept is ".exe"; it must be within image/*, .pdf'],
    [{ accept: ['.png', 'text/plain'] }, 'it must be within image/*, .pdf'],
    [{ accept: [] }, 'it must be within image/*, .pdf'],
    [{ accept: '*/*' }, 'it must be within image/*, .pdf'],
    [{ maxFileSize: -1 }, 'config().maxFileSize is -1'],
    [{ maxfiles: 3 }, 'Did you mean maxFiles?'],
  ])('refuses %j in words', (overrides, sentence) => {
    expect(() => narrowPolicy(policy, overrides as PolicyOptions)).toThrow(sentence)
  })

  it.each([
    [['image/*'], 'image/png'],
    [['image/*'], '.png'],
    [['image/png'], '.png'],
    [['.png'], 'image/png'],
    [['.gz'], '.tar.gz'],
    [[], '.exe'],
  ])('%j covers %j', (outer, inner) => {
    expect(narrowPolicy(definePolicy({ accept: outer }), { accept: inner }).narrowed).toEqual({ accept: [inner] })
  })

  it.each([
    [['.png'], 'image/*'],
    [['image/png'], 'image/*'],
    [['.tar.gz'], '.gz'],
    [['image/*'], '.unknown'],
  ])('%j does not cover %j', (outer, inner) => {
    expect(() => narrowPolicy(definePolicy({ accept: outer }), { accept: inner })).toThrow('it must be within')
  })

  it('never lets in what the server does not', () => {
    const own = narrowPolicy(definePolicy({ accept: 'image/*' }), { accept: '.png' }).policy
    expect(checkDeclared(own, { name: 'a.png', type: 'image/png' }, defaultMessages)).toBeUndefined()
    expect(checkDeclared(own, { name: 'a.jpg', type: 'image/jpeg' }, defaultMessages)?.code).toBe('type-not-allowed')
    // The extension alone would do for ".png", but not for "image/*".
    expect(checkDeclared(own, { name: 'a.png', type: 'text/html' }, defaultMessages)?.code).toBe('type-not-allowed')
  })
})

describe('applyNarrowed', () => {
  it('takes what narrowPolicy gave, over JSON', () => {
    const limits = fc.record(
      {
        maxFileSize: fc.integer({ min: 1024, max: 50 * 1024 ** 2 }),
        maxFiles: fc.integer({ min: 1, max: 30 }),
        maxFields: fc.integer({ min: 0, max: 1000 }),
        accept: fc.constantFrom('.png', 'image/jpeg', ['.pdf', 'image/*']),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(limits, overrides => {
        const { policy: own, narrowed } = narrowPolicy(policy, overrides)
        expect(applyNarrowed(policy, JSON.parse(JSON.stringify(narrowed)))).toEqual(own)
      }),
    )
  })

  it('keeps limits of a few bytes', () => {
    const { policy: own, narrowed } = narrowPolicy(policy, { maxFileSize: '100 bytes' })
    expect(applyNarrowed(policy, narrowed)).toEqual(own)
  })

  it.each([
    undefined,
    null,
    [],
    'x',
    7,
    { maxFiles: 31 },
    { maxFiles: 'x' },
    { accept: ['.exe'] },
    { accept: [7] },
    { other: 1 },
    { maxFileSize: -1 },
    { maxFileSize: 1.5 },
    { emptyFiles: true },
  ])('refuses %j', narrowed => {
    expect(applyNarrowed(policy, narrowed)).toBeUndefined()
  })

  it('refuses what has become too wide since', () => {
    expect(applyNarrowed(definePolicy({ maxFiles: 3 }), { maxFiles: 5 })).toBeUndefined()
  })
})
