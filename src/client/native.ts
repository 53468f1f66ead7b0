/**
 * What tus-js-client uses of the packages `js-base64` and `url-parse`, with the means of the browser;
 * `scripts/build-client.mjs` puts it there.
 */
export const Base64 = {
  /** Of the text in UTF-8. Half a surrogate pair becomes U+FFFD. */
  encode: (text: string): string =>
    btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join('')),
}
export default URL
