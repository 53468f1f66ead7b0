/** The page a plain form without script gets after its upload. */
import { formatSize } from '../sansio/bytes/size.ts'
import { escapeAttribute, escapeHtml } from './escape.ts'

/** What the result page shows. */
export interface ResultFacts {
  readonly files: readonly { readonly name: string; readonly size: number }[]
  /** URL of the stylesheet. */
  readonly css: string
  /** Where "Upload more" leads: the page the form was on; without it there is no such link. */
  readonly back?: string
}

/**
 * A small page that lists what was kept.
 *
 * @example resultPage({ files: [{ name: 'a.txt', size: 3 }], css: '/uploads/-/dropgate.css' })
 */
export function resultPage({ files, css, back }: ResultFacts): string {
  const title = files.length === 1 ? 'The file was uploaded' : `${files.length} files were uploaded`
  const rows = files.map(({ name, size }) => `<li><bdi>${escapeHtml(name)}</bdi> (${formatSize(size)})</li>`)
  const link = back === undefined ? '' : `<p><a href="${escapeAttribute(back)}">Upload more</a></p>\n`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${escapeAttribute(css)}">
</head>
<body class="dropgate-result">
<h1>${title}</h1>
<ul>
${rows.join('\n')}
</ul>
${link}</body>
</html>
`
}
