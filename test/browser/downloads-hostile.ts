/** Files that run a script wherever a browser is careless: pages, pictures and archives that are scripts as well. */

/** One of them, and how a careless server would have to give it out for its script to run in every browser. */
export interface HostileFile {
  readonly name: string
  readonly bytes: Uint8Array
  /** The type with which, and the element by which its script runs: each is live. */
  readonly careless: { readonly type: string; readonly element: 'iframe' | 'script' }
}

/** Tells the server that it ran, and marks every document it reaches. */
const script = (name: string) =>
  `(()=>{const at='/beacon/${encodeURIComponent(name)}';if(self.Image)new Image().src=at;else fetch(at+'?worker');` +
  "try{document.title='owned';parent.document.title='owned';top.document.title='owned'}catch{}try{alert(1)}catch{}})()\n"

const page = (name: string) => `<html><body><script>${script(name)}</script></body></html>`

const latin1 = (text: string) => Uint8Array.from(text, letter => letter.charCodeAt(0))
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))

function asPage(name: string, make: (html: string) => string, type = 'text/html'): HostileFile {
  return { name, bytes: latin1(make(page(name))), careless: { type, element: 'iframe' } }
}

function asScript(name: string, make: (js: string) => string): HostileFile {
  return { name, bytes: latin1(make(script(name))), careless: { type: 'text/javascript', element: 'script' } }
}

/** An HTML page, an SVG, and what is two things at once. */
export const hostileFiles: readonly HostileFile[] = [
  asPage('page.html', html => `<!doctype html>${html}`),
  asPage(
    'picture.svg',
    () => `<svg xmlns="http://www.w3.org/2000/svg"><script>${script('picture.svg')}</script></svg>`,
    'image/svg+xml',
  ),
  asPage(
    'page.xml',
    () => `<html xmlns="http://www.w3.org/1999/xhtml"><script>${script('page.xml')}</script></html>`,
    'application/xhtml+xml',
  ),
  asPage('note.txt', html => html),
  {
    name: 'wide.txt',
    bytes: utf16(page('wide.txt')),
    careless: { type: 'text/html; charset=utf-16le', element: 'iframe' },
  },
  asScript('gif-script.gif', js => `GIF89a/*\x01\x00\x01\x00\x80\x00\x00*/=0;${js}`),
  asScript('bmp-script.bmp', js => `BM/*\x00\x00\x00\x00\x36\x00*/=0;${js}`),
  asScript('wav-script.wav', js => `RIFF/*\x00WAVEfmt \x10\x00\x00*/=0;${js}`),
  asScript('webp-script.webp', js => `RIFF/*\x00WEBPVP8 \x00\x00*/=0;${js}`),
  asScript('pdf-script.pdf', js => `<!--%PDF-1.4\n${js}`),
  asPage('pdf-page.pdf', html => `%PDF-1.4\n1 0 obj<<>>endobj\n${html}`),
  asPage('zip-page.zip', html => `PK\x03\x04\x14\x00\x00\x00\x00\x00${html}PK\x05\x06`),
  asPage(
    'jpeg-page.jpg',
    html => `\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xfe\x01\x00${html}\xff\xd9`,
  ),
  asPage(
    'png-page.png',
    html => `\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02tEXt${html}IEND`,
  ),
  asPage('gif-page.gif', html => `GIF89a\x01\x00\x01\x00\x80\x00\x00!\xfe\x50${html}\x00;`),
  // Not ID3, which Firefox takes for sound whatever its type says.
  asPage('mp3-page.mp3', html => `\xff\xfb\x90\x00\x00\x00\x00\x00\x00\x00${html}`),
  asPage('zip-jpeg.jpg', html => `\xff\xd8\xff\xe0\x00\x10JFIF\x00${html}PK\x03\x04\x14\x00PK\x05\x06`),
]
