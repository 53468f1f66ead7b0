/**
 * Clients that must not be answered while they still send.
 *
 * WebKitGTK and WPE speak HTTP/2 through libsoup, which reads ahead in a body and does not stop when the answer ends the
 * stream: that read then ends in memory that is freed (CVE-2026-85197 is the same fault, met by way of a GOAWAY). The
 * browser's network process dies, and the page reads "Load failed", or nothing, ever. Behind a proxy nobody tells us which
 * HTTP a client speaks there, so these browsers hear of a refusal when their body has come (decisions/0017).
 */

/** Not Safari, whose platform is `Macintosh` or `iPhone`, and not Chromium, which says `AppleWebKit` as well. */
const libsoup = /^[^(]*\((?:X11|Wayland|Linux)[^)]*\) AppleWebKit\/(?!.*Chrom)/

/**
 * Whether a client has to have sent all before it is answered.
 *
 * @param userAgent the header, as it came
 */
export function sendsBeforeItListens(userAgent: string | undefined): boolean {
  return userAgent !== undefined && libsoup.test(userAgent)
}
