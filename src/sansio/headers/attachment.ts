/**
 * `Content-Disposition` of an answer, with a file's name in any script.
 *
 * The plain `filename` is for clients that know no other: what it cannot hold becomes `_`, percent signs included, since
 * some clients decode them. Whatever the name holds, the header stays one header.
 *
 * @param type `attachment`: to be saved; `inline`: to be shown
 * @example formatDisposition('attachment', 'Ü.txt') // attachment; filename="_.txt"; filename*=UTF-8''%C3%9C.txt
 * Source: RFC 6266 sections 4 and 5, appendix D; RFC 8187 section 3.2.
 */
export function formatDisposition(type: 'attachment' | 'inline', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  // Half a surrogate pair has no UTF-8.
  const extended = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${type}; filename="${plain}"; filename*=UTF-8''${extended}`
}
