/** The page of the command line: a drop area and the files that are already there. Strings only. */
import { escapeAttribute, escapeHtml } from '../html.ts'

/** A file as the page shows it. */
export interface ShownFile {
  readonly name: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** What the drop page is made of. */
export interface DropPageFacts {
  /** HTML of the drop area with its stylesheet, settings and script. */
  readonly dropArea: string
  /** Newest first. */
  readonly files: readonly ShownFile[]
  readonly formatSize: (bytes: number) => string
}

/** More would make the page slow on a phone. */
const mostFiles = 500

/** The drop page. */
export function dropPage({ dropArea, files, formatSize }: DropPageFacts): string {
  const shown = files.slice(0, mostFiles)
  const rest = files.length - shown.length
  return document(
    'Dropgate',
    `<h1>Drop files</h1>
${dropArea}<script src="/list.js" defer></script>
<section class="files" aria-labelledby="files">
<h2 id="files">Files</h2>
${files.length === 0 ? '<p class="quiet">Nothing here yet.</p>' : `<ul>\n${shown.map(file => row(file, formatSize)).join('')}</ul>`}
${rest > 0 ? `<p class="quiet">and ${rest} older files</p>` : ''}
</section>`,
  )
}

/** The page that asks for the token. */
export function tokenPage(wrong: boolean): string {
  return document(
    'Dropgate: token',
    `<h1>Token needed</h1>
<form class="token" method="post" action="/token">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${wrong ? ' aria-invalid="true" aria-describedby="wrong"' : ''}>
${wrong ? '<p id="wrong" role="alert">This is not the token.</p>' : ''}
<button type="submit">Continue</button>
</form>`,
  )
}

/** The URL path of a file, ending in its percent-encoded name. */
export function fileUrl(name: string): string {
  return `/files/${encodeURIComponent(name)}`
}

function row({ name, size, modified }: ShownFile, formatSize: (bytes: number) => string): string {
  const time = new Date(modified).toISOString()
  return `<li><a href="${escapeAttribute(fileUrl(name))}" download><bdi>${escapeHtml(name)}</bdi></a> <span>${escapeHtml(formatSize(size))}</span> <time datetime="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time></li>\n`
}

function document(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`
}
