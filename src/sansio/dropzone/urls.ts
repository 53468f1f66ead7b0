/** The URLs of the drop area's options. */

/** Whether a text is a URL by itself: a path, or http(s). Everything else is a name. */
export function isUrl(text: string): boolean {
  return /^(?:\/|https?:\/\/)/i.test(text)
}

/** Whether a browser may be sent there: no `javascript:`, nothing that a URL parser would skip over. */
export function isSafeUrl(text: string): boolean {
  const scheme = /^([^/?#]*?):/.exec(text)?.[1]
  return !/^\s|[\u0000-\u001f\u007f]/.test(text) && (scheme === undefined || /^https?$/i.test(scheme))
}
