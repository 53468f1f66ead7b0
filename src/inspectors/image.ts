/** How many pixels an image has, by its header alone. */
import { UploadError, uploadErrors } from '../sansio/errors.ts'
import { OptionError } from '../sansio/option-error.ts'
import { type ImageSize, imageSize } from '../sansio/sniff/image-size.ts'
import { sniff } from '../sansio/sniff/sniff.ts'
import type { InspectedFile, Inspector } from '../upload/types.ts'

/** Options of {@link imageLimit}. */
export interface ImageLimitOptions {
  /** Width times height. Default 268,402,689 (16,383 squared), which is what sharp decodes. */
  readonly maxPixels?: number
  /** Pixels of the longer side. Default 65,535. */
  readonly maxSide?: number
}

const headSize = 64 * 1024
const formats = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif', 'image/heic'])

/**
 * Refuses images that become too large when somebody opens them: PNG, JPEG, GIF, WebP, BMP, AVIF and HEIC. Only headers
 * are read, nothing is decoded. Files of other kinds pass.
 *
 * @returns for the option `inspectors`; refuses with `image-too-large`, and with `content-mismatch` where an image says
 *   nowhere how large it is
 * @throws OptionError for a limit that is none
 * @example dropgate({ storage, policy: { accept: 'image/*' }, inspectors: [imageLimit({ maxPixels: 50_000_000 })] })
 */
export function imageLimit(options: ImageLimitOptions = {}): Inspector {
  const { maxPixels = 16_383 ** 2, maxSide = 65_535 } = options
  for (const [name, value] of Object.entries({ maxPixels, maxSide })) {
    if (!(value > 0)) throw new OptionError(`imageLimit.${name}`, value, 'a number of pixels above 0')
  }
  return {
    inspect: async file => {
      const size = await sizeOf(file)
      if (!size) return
      const { width, height } = size
      if (width * height <= maxPixels && Math.max(width, height) <= maxSide) return
      const text = uploadErrors['image-too-large'].text
      throw new UploadError(
        'image-too-large',
        text.replace('{{width}}', String(width)).replace('{{height}}', String(height)),
      )
    },
  }
}

/** Undefined for what is no image of ours. */
async function sizeOf(file: InspectedFile): Promise<ImageSize | undefined> {
  const head = await file.read(0, headSize)
  const type = sniff(head)?.type ?? ''
  if (!formats.has(type)) return undefined
  const size = await imageSize(type, head, file.read)
  if (!size) throw new UploadError('content-mismatch')
  return size
}
