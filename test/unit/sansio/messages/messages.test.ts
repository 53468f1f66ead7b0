import { describe, expect, it } from 'vitest'
import { uploadErrors } from '../../../../src/sansio/errors.ts'
import { defaultMessages, defineMessages } from '../../../../src/sansio/messages.ts'

describe('messages', () => {
  it('refuse a file with the words of the server', () => {
    expect(defaultMessages.fileTooBig).toBe(uploadErrors['file-too-big'].text)
    expect(defaultMessages.invalidFileType).toBe(uploadErrors['type-not-allowed'].text)
    expect(defaultMessages.maxFilesExceeded).toBe(uploadErrors['too-many-files'].text)
  })

  it('are thirteen, none of them empty', () => {
    expect(Object.keys(defaultMessages)).toHaveLength(13)
    for (const [name, text] of Object.entries(defaultMessages)) {
      if (name === 'removeConfirmation') expect(text).toBeNull()
      else expect(text).toMatch(/\w/)
    }
  })

  it('are the defaults with own ones in their place', () => {
    expect(defineMessages()).toEqual(defaultMessages)
    expect(defineMessages({ invalidFileType: 'PNG only!', removeConfirmation: 'Sure?' })).toEqual({
      ...defaultMessages,
      invalidFileType: 'PNG only!',
      removeConfirmation: 'Sure?',
    })
    expect(defineMessages({ removeConfirmation: null }).removeConfirmation).toBeNull()
    expect(defineMessages({ removeFile: undefined } as never)).toEqual(defaultMessages)
  })

  it('cannot be changed afterwards', () => {
    expect(() => Object.assign(defineMessages(), { removeFile: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(defaultMessages, { removeFile: 'x' })).toThrow(TypeError)
  })

  it.each<[unknown, string]>([
    [{ fileTooBig: 3 }, 'messages.fileTooBig is 3; it must be a text that is not empty.'],
    [{ invalidFileType: '' }, 'messages.invalidFileType is ""; it must be a text that is not empty.'],
    [{ invalidFileType: ' ' }, 'messages.invalidFileType is " "; it must be a text that is not empty.'],
    [{ removeFile: null }, 'messages.removeFile is null; it must be a text that is not empty.'],
    [
      { removeConfirmation: false },
      'messages.removeConfirmation is false; it must be a text that is not empty, or null to remove without asking.',
    ],
    ['hello', `messages is "hello"; it must be an object with some of ${Object.keys(defaultMessages).join(', ')}.`],
    [
      { fileToBig: 'x' },
      `messages.fileToBig is not an option; there are ${Object.keys(defaultMessages).join(', ')}. Did you mean fileTooBig?`,
    ],
  ])('refuse %j in words', (custom, sentence) => {
    expect(() => defineMessages(custom as never)).toThrow(sentence)
  })
})
