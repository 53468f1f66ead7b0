import { extensionOf } from '../filename/extension.ts'

/**
 * Common extensions and the MIME types they go by, the registered one first. Ours, small on purpose: it answers for
 * browsers that declare no type, and catches a program that calls itself an image.
 *
 * Sources: IANA media types; what Chromium 156, Firefox ESR 153, Windows and shared-mime-info declare.
 */
const table = `
.jpg .jpeg .jpe .jfif .pjpeg .pjp: image/jpeg image/jpg image/pjpeg
.png: image/png image/x-png
.apng: image/apng image/png image/vnd.mozilla.apng
.gif: image/gif
.webp: image/webp
.avif: image/avif
.avifs: image/avif image/avif-sequence
.heic: image/heic image/heif image/heic-sequence
.heif .hif: image/heif image/heic image/heif-sequence
.jxl: image/jxl
.bmp .dib: image/bmp image/x-bmp image/x-ms-bmp
.tif .tiff: image/tiff image/x-tiff
.ico .cur: image/vnd.microsoft.icon image/x-icon
.svg .svgz: image/svg+xml image/svg+xml-compressed
.jp2: image/jp2
.psd: image/vnd.adobe.photoshop image/x-photoshop application/x-photoshop
.dng: image/x-adobe-dng image/dng
.cr2: image/x-canon-cr2
.cr3: image/x-canon-cr3
.nef: image/x-nikon-nef
.arw: image/x-sony-arw
.raf: image/x-fuji-raf
.orf: image/x-olympus-orf
.rw2: image/x-panasonic-rw2 image/x-panasonic-raw2

.mp3: audio/mpeg audio/mp3 audio/x-mp3 audio/mpeg3
.m4a .m4b: audio/mp4 audio/x-m4a audio/m4a audio/x-m4b
.aac: audio/aac audio/x-aac audio/vnd.dlna.adts
.wav .wave: audio/wav audio/x-wav audio/wave audio/vnd.wave
.flac: audio/flac audio/x-flac
.ogg: audio/ogg video/ogg application/ogg
.oga .spx: audio/ogg application/ogg
.opus: audio/ogg audio/opus
.weba: audio/webm
.mid .midi: audio/midi audio/mid audio/x-midi
.aif .aiff: audio/aiff audio/x-aiff
.amr: audio/amr
.wma: audio/x-ms-wma

.mp4: video/mp4 audio/mp4
.m4v: video/mp4 video/x-m4v video/m4v
.mov .qt: video/quicktime
.webm: video/webm audio/webm
.ogv: video/ogg application/ogg
.mkv: video/matroska video/x-matroska
.mka: audio/matroska audio/x-matroska
.avi: video/x-msvideo video/avi video/msvideo video/vnd.avi
.mpg .mpeg .mpe: video/mpeg
.wmv: video/x-ms-wmv
.flv: video/x-flv
.3gp: video/3gpp audio/3gpp
.3g2: video/3gpp2 audio/3gpp2
.ts: video/mp2t text/typescript text/vnd.trolltech.linguist application/typescript
.m2ts .mts: video/mp2t model/vnd.mts

.pdf: application/pdf application/x-pdf
.ps .ai: application/postscript application/pdf application/illustrator
.eps: application/postscript image/x-eps image/eps
.rtf: application/rtf text/rtf
.doc .dot: application/msword
.docx: application/vnd.openxmlformats-officedocument.wordprocessingml.document
.docm: application/vnd.ms-word.document.macroenabled.12
.xls .xlt: application/vnd.ms-excel application/msexcel
.xlsx: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
.xlsm: application/vnd.ms-excel.sheet.macroenabled.12
.ppt .pps: application/vnd.ms-powerpoint application/mspowerpoint
.pptx: application/vnd.openxmlformats-officedocument.presentationml.presentation
.pptm: application/vnd.ms-powerpoint.presentation.macroenabled.12
.odt: application/vnd.oasis.opendocument.text
.ods: application/vnd.oasis.opendocument.spreadsheet
.odp: application/vnd.oasis.opendocument.presentation
.epub: application/epub+zip
.mobi: application/x-mobipocket-ebook

.txt .text: text/plain
.log: text/plain text/x-log
.md .markdown: text/markdown text/x-markdown text/plain
.csv: text/csv application/csv text/x-csv application/vnd.ms-excel text/plain text/comma-separated-values
.tsv: text/tab-separated-values text/plain
.ics: text/calendar
.vcf: text/vcard text/x-vcard
.html .htm .shtml: text/html
.xhtml .xht: application/xhtml+xml
.css: text/css
.js .mjs .cjs: text/javascript application/javascript application/x-javascript
.json: application/json text/json text/plain
.jsonl .ndjson: application/x-ndjson application/jsonl application/json-lines
.geojson: application/geo+json application/json
.xml .xsl .xslt: application/xml text/xml application/xslt+xml
.yaml .yml: application/yaml application/x-yaml text/yaml text/x-yaml text/plain
.toml: application/toml text/plain
.sql: application/sql text/x-sql text/plain
.py: text/x-python text/x-python-script application/x-python-code text/plain
.rb: text/x-ruby application/x-ruby text/plain
.c .h: text/x-csrc text/x-chdr text/plain
.cpp .hpp .cc: text/x-c++src text/x-c++hdr text/plain
.java: text/x-java text/x-java-source text/plain
.go: text/x-go text/plain
.rs: text/rust text/x-rust text/plain

.zip: application/zip application/x-zip-compressed application/x-zip multipart/x-zip
.gz: application/gzip application/x-gzip
.tgz: application/gzip application/x-gzip application/x-compressed-tar application/x-compressed application/x-tar
.bz2: application/x-bzip2 application/x-bzip
.xz: application/x-xz
.zst: application/zstd
.7z: application/x-7z-compressed
.rar: application/vnd.rar application/x-rar-compressed application/x-rar
.tar: application/x-tar
.iso: application/x-iso9660-image application/x-cd-image application/vnd.efi.iso
.jar .war: application/java-archive application/x-java-archive
.apk: application/vnd.android.package-archive

.ttf: font/ttf application/x-font-ttf application/font-sfnt
.otf: font/otf application/x-font-otf application/font-sfnt
.woff: font/woff application/font-woff
.woff2: font/woff2 application/font-woff2
.stl: model/stl model/x.stl-ascii model/x.stl-binary application/sla application/vnd.ms-pki.stl
.obj: model/obj application/x-tgif
.gltf: model/gltf+json
.glb: model/gltf-binary
.parquet: application/vnd.apache.parquet
.sqlite .db: application/vnd.sqlite3 application/x-sqlite3
.wasm: application/wasm

.php .php3 .php4 .php5 .php7 .php8 .phtml .pht .phar .phps: application/x-httpd-php application/x-php
.asp .aspx .ashx .asmx .cer .asa: application/x-asp
.jsp .jspx .jspf: application/x-jsp
.cgi .fcgi: application/x-cgi
.pl .pm: application/x-perl text/x-perl
.cfm: application/x-coldfusion
.sh .bash .zsh .command: application/x-sh application/x-shellscript text/x-sh
.exe .dll .scr .com .cpl .sys: application/vnd.microsoft.portable-executable application/x-msdownload application/x-msdos-program application/x-ms-dos-executable
.msi: application/x-msi
.bat .cmd: application/x-bat application/x-msdos-program
.ps1 .psm1: application/x-powershell
.vbs .vbe .wsf: application/x-vbs text/vbscript
.hta: application/hta
.lnk .url .desktop: application/x-ms-shortcut application/x-desktop application/x-mswinurl
.reg: application/x-windows-registry
.dmg: application/x-apple-diskimage
.deb: application/vnd.debian.binary-package application/x-debian-package
.swf: application/vnd.adobe.flash.movie application/x-shockwave-flash
`

/** By extension, with its dot: the types that it goes by, the registered one first. */
export const typesByExtension: ReadonlyMap<string, readonly string[]> = new Map(
  table
    .trim()
    .split(/\n+/)
    .flatMap(line => {
      const [extensions = '', types = ''] = line.split(': ')
      return extensions.split(' ').map(extension => [extension, types.split(' ')] as const)
    }),
)

/**
 * The MIME types that a file of this name goes by, the registered one first; undefined for an extension the table
 * does not know and for none.
 *
 * @example typesOf('photo.JPG')?.[0] // 'image/jpeg'
 */
export function typesOf(name: string): readonly string[] | undefined {
  return typesByExtension.get(extensionOf(name))
}

/** The usual extension of a type, with its dot; undefined if the table does not know it. */
export function extensionOfType(type: string): string | undefined {
  for (const [extension, types] of typesByExtension) if (types[0] === type) return extension
  return undefined
}

const registeredTypes: ReadonlySet<string> = new Set([...typesByExtension.values()].map(([type = '']) => type))

/** The registered types that a type is another name of; itself if it is registered or unknown. */
export function canonicalTypes(type: string): readonly string[] {
  if (registeredTypes.has(type)) return [type]
  const rows = [...typesByExtension.values()].filter(types => types.includes(type))
  return rows.length === 0 ? [type] : [...new Set(rows.map(([registered = '']) => registered))]
}
