/** HTML, SVG and XML by their first tag, however it is hidden: behind spaces, comments, declarations. */

/** What markup can be; `active-xml` is XML in which a browser may find scripts or style sheets. */
export type Markup = 'html' | 'svg' | 'xml' | 'active-xml'

/** WHATWG's own list, and the other elements that a page or a piece of one may begin with. */
const htmlTags = new Set(
  (
    'html head body script iframe h1 h2 h3 h4 h5 h6 div font table a style title b br p ' +
    'img link meta base form input button textarea select object embed video audio source canvas frameset frame ' +
    'center span section article main nav header footer aside ul ol li dl pre template details dialog math marquee ' +
    'noscript applet i u em strong hr label picture'
  ).split(' '),
)

const tagPattern = /<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>]|$)/y
const active =
  /http:\/\/www\.w3\.org\/(?:1999\/xhtml|2000\/svg|1999\/XSL\/Transform|TR\/WD-xsl)|<\?xml-stylesheet|<!ENTITY|<!ATTLIST/i

/**
 * What kind of markup a text begins with, or undefined when it is none.
 * @param text the first bytes as {@link decodeHead} reads them
 * @example markupOf('<!-- hello --> <svg onload="…">') // 'svg'
 * @see WHATWG MIME Sniffing, section 7.1
 */
export function markupOf(text: string): Markup | undefined {
  const prolog = readProlog(text)
  if (prolog.verdict) return prolog.verdict
  const { at, isXml, hasComment } = prolog
  tagPattern.lastIndex = at
  const tag = tagPattern.exec(text)
  const name = tag?.[1]?.toLowerCase()
  if (name === 'svg') return 'svg'
  if (name === 'html' || (name !== undefined && !isXml && htmlTags.has(name))) return 'html'
  if (isXml || (name !== undefined && /^[^>]*\sxmlns(?::[\w.-]+)?\s*=/.test(text.slice(at)))) {
    return active.test(text) ? 'active-xml' : 'xml'
  }
  // A browser takes a comment for the beginning of a page.
  return hasComment ? 'html' : undefined
}

interface Prolog {
  /** Where the first tag would be. */
  at: number
  isXml: boolean
  hasComment: boolean
  /** Decided already. */
  verdict?: Markup
}

/** Passes over what may stand before the first tag. What does not end within the text is taken for the worst it can be. */
function readProlog(text: string): Prolog {
  const prolog: Prolog = { at: 0, isXml: false, hasComment: false }
  for (;;) {
    prolog.at = spaceEnd(text, prolog.at)
    const { at } = prolog
    let end: number
    if (text.startsWith('<!--', at)) {
      end = commentEnd(text, at)
      prolog.hasComment = true
      if (end < 0) return { ...prolog, verdict: prolog.isXml ? 'active-xml' : 'html' }
    } else if (/^<\?xml/i.test(text.slice(at, at + 5)) || (prolog.isXml && text.startsWith('<?', at))) {
      end = after(text, '?>', at)
      prolog.isXml = true
      if (end < 0) return { ...prolog, verdict: 'active-xml' }
    } else if (/^<!doctype/i.test(text.slice(at, at + 9))) {
      const name = /^<!doctype\s+(?:[\w.-]+:)?([\w.-]*)/i.exec(text.slice(at, at + 200))?.[1]?.toLowerCase()
      if (name === 'html' || name === 'svg') return { ...prolog, verdict: name }
      end = doctypeEnd(text, at)
      prolog.isXml = true
      if (end < 0) return { ...prolog, verdict: 'active-xml' }
    } else return prolog
    prolog.at = end
  }
}

function spaceEnd(text: string, from: number): number {
  let at = from
  while (' \t\n\f\r'.includes(text[at] ?? 'x')) at++
  return at
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

/** HTML ends comments in more ways than XML: `<!-->`, `<!--->` and `--!>` (WHATWG HTML, section 13.2.5.43). */
function commentEnd(text: string, at: number): number {
  if (text.startsWith('<!-->', at)) return at + 5
  if (text.startsWith('<!--->', at)) return at + 6
  const ends = [after(text, '-->', at + 4), after(text, '--!>', at + 4)].filter(end => end > 0)
  return ends.length === 0 ? -1 : Math.min(...ends)
}

/** A document type may hold declarations in brackets. */
function doctypeEnd(text: string, at: number): number {
  const bracket = text.indexOf('[', at)
  const end = text.indexOf('>', at)
  if (bracket < 0 || (end >= 0 && end < bracket)) return end < 0 ? -1 : end + 1
  const close = text.indexOf(']', bracket)
  return close < 0 ? -1 : after(text, '>', close)
}
