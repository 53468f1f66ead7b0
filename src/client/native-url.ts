/** What tus-js-client uses of `url-parse`: browsers have it; `scripts/build-client.mjs` puts it there. */
export default URL
