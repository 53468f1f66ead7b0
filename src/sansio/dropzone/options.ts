import type { Size } from '../bytes/size.ts'

/**
 * What the drop area on the page looks and behaves like: the settings of Flask-Dropzone, the options of Dropzone 6.3.5
 * that can be written as JSON, under their own names, and a few texts of ours. What may come in (sizes, types, counts)
 * is not here: it comes from `policy`, and the sentences from `messages`, so that page and server cannot disagree.
 * Functions are given in the browser, with `dropgate.configure(id, { … })`.
 *
 * Left out on purpose: `url` (it is `action`), everything deprecated.
 *
 * All texts are plain text: markup in them is shown, never obeyed. Only `previewTemplate` is HTML.
 */
export interface DropAreaOptions {
  // The page
  /** Dropzone comes from our own script; false takes it from jsDelivr, with its hash. Default true. */
  readonly serveLocal?: boolean
  /** Where the files go: a path, an http(s) URL, or a name for the app's `urlFor`. Default the endpoint. */
  readonly action?: string
  /** Where to go when all files are up: at least one kept, none refused. A path or an http(s) URL. */
  readonly redirectUrl?: string
  /** The same as a name for the app's `urlFor`. Not together with `redirectUrl`. */
  readonly redirectView?: string
  /** Send the token with each upload. Default true as soon as `csrf.secret` is set; needs it. */
  readonly enableCsrf?: boolean
  /** Wait for a click on a button, then send all files. Default false. */
  readonly uploadOnClick?: boolean
  /** The id of that button, looked up literally. Default `'upload'`. */
  readonly uploadButtonId?: string
  /**
   * The drop area is part of a form of yours: `create()` gives a `<div>` for it. Submitting that form uploads the files
   * first, then submits once, and only when no file was refused. Default false.
   */
  readonly inForm?: boolean
  /** When an uploaded file is removed from the list, delete it on the server too. Shows remove buttons. Default false. */
  readonly deleteOnRemove?: boolean

  // The request
  /** HTTP method, for an `action` of your own. Default `'post'`. */
  readonly method?: 'post' | 'put' | 'patch'
  /** Name of the file field. Default `'file'`; with `uploadMultiple` it becomes `file[0]`, `file[1]`, … */
  readonly paramName?: string
  /** Flask-Dropzone's name of `paramName`; give one of them. */
  readonly inputName?: string
  /** Send the file itself as the body instead of a form; its name travels in `?name=`. Not with `uploadMultiple`. Default false. */
  readonly binaryBody?: boolean
  /**
   * Milliseconds after which a request is given up; null (default) waits for ever. With `resumable`: without a byte
   * getting through, after which the request is sent again; null waits a minute.
   */
  readonly timeout?: number | null
  /** Further request headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Send Dropzone's own `Accept`, `Cache-Control` and `X-Requested-With` (6.x and 7.x). Default true. */
  readonly defaultHeaders?: boolean
  /** Further form fields, sent before the files. Never lost, whatever Dropzone's version. */
  readonly params?: Readonly<Record<string, string | readonly string[]>>
  /** Send cookies to an endpoint on another origin. Default false. */
  readonly withCredentials?: boolean

  // The queue
  /** Send several files in one request: all are kept or none. Default false. */
  readonly uploadMultiple?: boolean
  /** Requests at a time, and with `uploadMultiple` the files of one request. Default 2. */
  readonly parallelUploads?: number
  /** Send without waiting for `processQueue()`. Default true. */
  readonly autoProcessQueue?: boolean
  /** Put accepted files into the queue by themselves. Default true. */
  readonly autoQueue?: boolean
  /** Skip hidden files of dropped folders. Default true. */
  readonly ignoreHiddenFiles?: boolean

  // Large files
  /**
   * Send files with tus, so that an upload survives a lost connection, a pause and a reload of the page; each file gets a
   * button that pauses it. Needs a storage that can continue uploads. Where the script for it can not be loaded, files
   * go as without it. Not with `uploadMultiple` or `binaryBody`. Default false.
   */
  readonly resumable?: boolean
  /**
   * Send a file that is larger than `chunkSize` in several requests. Needs a storage that can continue uploads. Not with
   * `uploadMultiple` or `binaryBody`. Default false.
   */
  readonly chunking?: boolean
  /** With `chunking`: also files that would fit into one request. Default false. */
  readonly forceChunking?: boolean
  /**
   * Bytes of a chunk, and with `resumable` the most of one request; or text such as `'4 MiB'`. 8 MiB if nothing is said;
   * more only makes retries longer.
   */
  readonly chunkSize?: Size
  /** Send several chunks of a file at once: `parallelUploads` of them, or so many. Default false. */
  readonly parallelChunkUploads?: boolean | number
  /**
   * Send a chunk again, after 1, 3 and 5 seconds or when the server's `Retry-After` says, if the connection or the
   * server failed; what was refused is not sent again. Default false.
   */
  readonly retryChunks?: boolean
  /** How often a chunk is sent again. Default 3. */
  readonly retryChunksLimit?: number

  // Images
  /** Show small pictures of images. Default true. */
  readonly createImageThumbnails?: boolean
  /** Largest image, in MiB, that gets a thumbnail. Default 10. */
  readonly maxThumbnailFilesize?: number
  /** Pixels; null keeps the ratio. Default 120. */
  readonly thumbnailWidth?: number | null
  /** Pixels; null keeps the ratio. Default 120. */
  readonly thumbnailHeight?: number | null
  /** Default `'crop'`. */
  readonly thumbnailMethod?: 'crop' | 'contain'
  /** Shrink images to this width in the browser before they are sent. Pixels; null (default) does not. */
  readonly resizeWidth?: number | null
  /** The same for the height. */
  readonly resizeHeight?: number | null
  /** MIME type of a resized image; null (default) keeps the original's. */
  readonly resizeMimeType?: string | null
  /** Quality of a resized image, 0 to 1. Default 0.8. */
  readonly resizeQuality?: number
  /** Default `'contain'`. */
  readonly resizeMethod?: 'crop' | 'contain'
  /** Colour behind transparent parts of a resized image; null (default) leaves them. */
  readonly resizeTransparencyFill?: string | null

  // The surface
  /** Whether a click opens the file picker; a selector makes other elements clickable instead. Default true. */
  readonly clickable?: boolean | string
  /** Selector of the element that shows the files, or false for none; null (default) is the drop area itself. */
  readonly previewsContainer?: string | false | null
  /** Show no files at all. Default false. */
  readonly disablePreviews?: boolean
  /** HTML of one file's preview. The only option that is markup: never build it from what strangers wrote. */
  readonly previewTemplate?: string
  /** Selector of the element that takes Dropzone's hidden file input. Default `'body'`. */
  readonly hiddenInputContainer?: string
  /** HTML's `capture`: opens the camera or microphone on phones. */
  readonly capture?: string | null
  /** Give every file a button that removes it from the list or cancels its upload. Default false. */
  readonly addRemoveLinks?: boolean
  /** Show the form without script to everybody, for trying it. Default false. */
  readonly forceFallback?: boolean
  /**
   * Show sizes in Dropzone's way, counted by this base. Without it and `dictFileSizeUnits` sizes read as in all our
   * sentences: `120.56 KiB`.
   */
  readonly filesizeBase?: 1000 | 1024

  // Texts that neither Dropzone nor the server say; all others are `messages`
  /** Units of the size below a name, in Dropzone's way (see `filesizeBase`). */
  readonly dictFileSizeUnits?: Readonly<Record<'tb' | 'gb' | 'mb' | 'kb' | 'b', string>>
  /** The connection failed and there is no answer. */
  readonly dictNetworkError?: string
  /** `timeout` has passed. */
  readonly dictTimeout?: string
  /** Spoken by screen readers after a success; `{{name}}` is filled in. */
  readonly dictUploaded?: string
  /** The server did not delete a removed file; `{{name}}` is filled in. */
  readonly dictDeleteFailed?: string
  /** With `resumable`: the button that pauses an upload. */
  readonly dictPause?: string
  /** With `resumable`: the button that goes on with a paused one. */
  readonly dictResume?: string
  /** With `resumable`: the browser has no connection. */
  readonly dictOffline?: string
  /** With `resumable`: the connection or the server failed, and the upload is tried again. */
  readonly dictReconnecting?: string
  /** With `resumable`: the button that goes on with a file of an earlier visit, where the browser asks first. */
  readonly dictContinue?: string
  /** With `resumable`: the button that gives such a file up. */
  readonly dictDiscard?: string
  /** With `resumable`: a file of an earlier visit that can not go on; `{{name}}` is filled in. */
  readonly dictUnreadable?: string
  /** Label of the file input of the form without script. */
  readonly dictFileInput?: string
  /** Submit button of the form without script. */
  readonly dictUploadButton?: string
}
