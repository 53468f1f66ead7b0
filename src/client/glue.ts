/** `dropgate-glue.js`: our client script for a `window.Dropzone` that the page loaded itself. */
import { boot } from './boot.ts'
import type { DropzoneClass } from './dropzone-like.ts'

const { Dropzone } = window as { Dropzone?: DropzoneClass }
if (Dropzone) boot(Dropzone)
else console.error('Dropgate found no window.Dropzone. Load Dropzone before dropgate-glue.js.')
