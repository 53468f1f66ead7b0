/**
 * The client: a process of its own that lives for the whole run. It is told a job at a time by the parent.
 *
 * A load says: `requests` of `files` files of `size` bytes each over `connections` connections; `wire` is `form`, `raw`
 * or `tus`; `kind` the content; `firstIndex` the number of the first file; `chunked` with `unit` the HTTP chunks.
 */
import { hold, release } from './half-open.mjs'
import { refuse } from './refusal.mjs'
import { tusPatches, tusUpload } from './tus.mjs'
import { upload } from './upload.mjs'

const jobs = { upload, tusUpload, tusPatches, refuse, hold, release }

process.on('message', async ({ id, job, load }) => {
  try {
    process.send({ id, result: await jobs[job](load) })
  } catch (error) {
    process.send({ id, error: error.message })
  }
})
process.on('disconnect', () => process.exit())
