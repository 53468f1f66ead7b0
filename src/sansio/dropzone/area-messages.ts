/** Messages of an area without settings. Apart, so that the client script carries these two and not the whole table. */
export const areaMessages = {
  defaultMessage: 'Drop files here or click to upload.',
  browserUnsupported: "Your browser does not support drag'n'drop file uploads.",
} as const
