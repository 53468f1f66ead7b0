/** `dropgate-tus.js`: uploads with tus-js-client, for drop areas that are `resumable`. */
import type { ResumableConfig } from '../sansio/dropzone/config.ts'
import type { Token } from './csrf.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { warnWhile } from './leaving.ts'
import { addPauseButton, showWaiting } from './pause-button.ts'
import type { Transport } from './resumable.ts'
import { Transfer } from './transfer.ts'
import { Unfinished } from './unfinished.ts'

/** Carries the files of one drop area. */
export function tusTransport(dropzone: DropzoneInstance, config: ResumableConfig, token: Token | undefined): Transport {
  const transfers = new Map<DropzoneFile, Transfer>()
  const chosen = (file: DropzoneFile | undefined) =>
    [...transfers].filter(([other]) => file === undefined || other === file).map(([, transfer]) => transfer)
  const all = (verb: 'pause' | 'resume' | 'goOffline' | 'goOnline', file?: DropzoneFile) => {
    for (const transfer of chosen(file)) transfer[verb]()
  }
  const pause = (file?: DropzoneFile) => all('pause', file)
  const resume = (file?: DropzoneFile) => all('resume', file)
  const unfinished = new Unfinished(dropzone, config, token)
  const begin = (file: DropzoneFile, data: Blob) => {
    const transfer = new Transfer(file, data, { dropzone, config, token, unfinished }, unfinished.take(file, data))
    transfers.set(file, transfer)
    file.xhr = { abort: () => transfer.cancel() } as XMLHttpRequest
    addPauseButton(dropzone, file, config.texts, { pause, resume })
    transfer.start()
  }
  for (const end of ['complete', 'canceled']) dropzone.on(end, (file: DropzoneFile) => void transfers.delete(file))
  dropzone.on('waiting', showWaiting)
  warnWhile(dropzone, () => transfers.size > 0)
  addEventListener('offline', () => all('goOffline'))
  addEventListener('online', () => all('goOnline'))
  void unfinished.look()
  return {
    send: file => {
      const go = (data: Blob) => {
        if (file.status === 'uploading') begin(file, data)
      }
      const { transformFile } = dropzone.options
      if (transformFile) transformFile.call(dropzone, file, go)
      else go(file)
    },
    pause,
    resume,
  }
}
