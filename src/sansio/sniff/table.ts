/**
 * What files of each kind begin with.
 *
 * A row: the MIME type, the extensions that files of this kind honestly have, and the patterns, any of which will do.
 * A pattern is hexadecimal bytes and "text", with `??` for any byte, from the beginning or from `@offset`. Rows without a
 * pattern are told apart by the matchers beside this file. The first row that fits wins, so the exact ones come first.
 *
 * Extensions are in several rows where a name says less than the bytes: an Excel file with a password is a compound file,
 * `.mov` and `.mp4` are exchanged for one another by every phone.
 *
 * Sources: WHATWG MIME Sniffing; the formats' own specifications; PRONOM; shared-mime-info 2.2.
 */
export type SignatureRow = readonly [type: string, extensions: string, ...patterns: readonly string[]]

const zipBased =
  '.zip .docx .docm .dotx .xlsx .xlsm .xltx .pptx .pptm .ppsx .odt .ods .odp .odg .epub .jar .war .apk .kmz .cbz .3mf'
const isoVideo = '.mp4 .m4v .mov .qt .3gp .3g2 .m4a .m4b .f4v'

export const signatures: readonly SignatureRow[] = [
  // Images
  ['image/png', '.png .apng', '89 "PNG" 0D 0A 1A 0A'],
  ['image/jpeg', '.jpg .jpeg .jpe .jfif .pjpeg .pjp', 'FF D8 FF'],
  ['image/gif', '.gif', '"GIF87a"', '"GIF89a"'],
  ['image/webp', '.webp', '"RIFF" ?? ?? ?? ?? "WEBPVP8"'],
  ['image/avif', '.avif .avifs'],
  ['image/heic', '.heic .heif .hif'],
  ['image/jxl', '.jxl', 'FF 0A', '00 00 00 0C "JXL " 0D 0A 87 0A'],
  ['image/jp2', '.jp2', '00 00 00 0C "jP  " 0D 0A 87 0A'],
  ['image/bmp', '.bmp .dib'],
  ['image/tiff', '.tif .tiff .dng .nef .arw .cr2', '"II" 2A 00', '"MM" 00 2A', '"II" 2B 00', '"MM" 00 2B'],
  ['image/x-canon-cr3', '.cr3', '@4 "ftypcrx "'],
  ['image/x-fuji-raf', '.raf', '"FUJIFILMCCD-RAW"'],
  ['image/x-olympus-orf', '.orf', '"IIRO" 08 00', '"IIRS" 08 00', '"MMOR" 00 00'],
  ['image/x-panasonic-rw2', '.rw2', '"IIU" 00'],
  ['image/vnd.microsoft.icon', '.ico .cur'],
  ['image/vnd.adobe.photoshop', '.psd', '"8BPS" 00'],

  // Audio
  ['audio/flac', '.flac', '"fLaC" 00', '"fLaC" 80'],
  ['audio/wav', '.wav .wave', '"RIFF" ?? ?? ?? ?? "WAVE"', '"RF64" ?? ?? ?? ?? "WAVE"', '"BW64" ?? ?? ?? ?? "WAVE"'],
  ['audio/aiff', '.aif .aiff', '"FORM" ?? ?? ?? ?? "AIFF"', '"FORM" ?? ?? ?? ?? "AIFC"'],
  ['audio/midi', '.mid .midi', '"MThd" 00 00 00 06'],
  ['audio/amr', '.amr', '"#!AMR"'],
  // A tag that stands before several kinds of audio.
  ['audio/x-id3', '.mp3 .aac .flac .aif .aiff .wav', '"ID3" 02', '"ID3" 03', '"ID3" 04'],
  ['audio/mpeg', '.mp3'],
  ['audio/aac', '.aac', 'FF F1', 'FF F9', '"ADIF"'],
  ['application/ogg', '.ogg .oga .ogv .spx .opus', '"OggS" 00'],

  // Video
  ['video/quicktime', isoVideo],
  ['video/mp4', isoVideo],
  ['video/webm', '.webm .weba .mkv .mka'],
  ['video/matroska', '.mkv .mka'],
  ['video/x-msvideo', '.avi', '"RIFF" ?? ?? ?? ?? "AVI "'],
  ['video/mpeg', '.mpg .mpeg .mpe', '00 00 01 BA', '00 00 01 B3'],
  ['video/mp2t', '.ts .m2ts .mts'],
  ['video/x-ms-asf', '.wmv .wma .asf', '30 26 B2 75 8E 66 CF 11'],
  ['video/x-flv', '.flv', '"FLV" 01'],

  // Documents
  ['application/pdf', '.pdf .ai', '"%PDF-"'],
  ['application/postscript', '.ps .eps .ai', '"%!PS"', 'C5 D0 D3 C6'],
  ['application/rtf', '.rtf .doc', '"{\\rtf"'],
  [
    'application/x-cfb',
    '.doc .dot .xls .xlt .ppt .pps .msi .msg .vsd .docx .docm .xlsx .xlsm .pptx .pptm',
    'D0 CF 11 E0 A1 B1 1A E1',
  ],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.docx .docm .dotx .zip'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '.xlsx .xlsm .xltx .zip'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', '.pptx .pptm .ppsx .zip'],
  ['application/vnd.oasis.opendocument.text', '.odt .zip'],
  ['application/vnd.oasis.opendocument.spreadsheet', '.ods .zip'],
  ['application/vnd.oasis.opendocument.presentation', '.odp .zip'],
  ['application/epub+zip', '.epub .zip'],
  ['application/x-mobipocket-ebook', '.mobi', '@60 "BOOKMOBI"'],

  // Archives
  ['application/java-archive', '.jar .war .apk .zip'],
  ['application/zip', zipBased],
  ['application/gzip', '.gz .tgz .svgz', '1F 8B 08'],
  ['application/x-bzip2', '.bz2', '"BZh" ?? 31 41 59 26 53 59'],
  ['application/x-xz', '.xz', 'FD "7zXZ" 00'],
  ['application/zstd', '.zst', '28 B5 2F FD'],
  ['application/x-7z-compressed', '.7z', '"7z" BC AF 27 1C'],
  ['application/vnd.rar', '.rar', '"Rar!" 1A 07'],
  ['application/x-tar', '.tar', '@257 "ustar"'],
  ['application/vnd.debian.binary-package', '.deb', '"!<arch>" 0A "debian"'],

  // Fonts, data
  ['font/woff', '.woff', '"wOFF" 00 01', '"wOFFOTTO"', '"wOFFtrue"'],
  ['font/woff2', '.woff2', '"wOF2" 00 01', '"wOF2OTTO"', '"wOF2true"', '"wOF2ttcf"'],
  ['font/otf', '.otf .ttf', '"OTTO" 00'],
  ['font/ttf', '.ttf .otf', '00 01 00 00 00 ??', '"true" 00', '"ttcf" 00'],
  ['application/vnd.sqlite3', '.sqlite .db', '"SQLite format 3" 00'],
  ['application/vnd.apache.parquet', '.parquet', '"PAR1" 15'],
  ['application/wasm', '.wasm', '00 "asm"'],
  ['model/gltf-binary', '.glb', '"glTF" 01 00 00 00', '"glTF" 02 00 00 00'],
  ['application/vnd.adobe.flash.movie', '.swf'],

  // What an operating system runs
  ['application/vnd.microsoft.portable-executable', '.exe .dll .scr .com .cpl .sys'],
  ['application/x-elf', '.elf .so .o .run .appimage', '7F "ELF"'],
  ['application/x-mach-binary', '.dylib .o', 'FE ED FA CE', 'FE ED FA CF', 'CE FA ED FE', 'CF FA ED FE'],
  ['application/x-mach-fat-binary', '.dylib .class', 'CA FE BA BE 00 00 00 ??'],
  ['application/x-ms-shortcut', '.lnk', '4C 00 00 00 01 14 02 00'],
  ['application/x-script', '.sh .bash .zsh .command .py .rb .pl .pm .js .mjs .cjs .php .cgi .fcgi'],

  // Text
  [
    'text/html',
    '.html .htm .shtml .xhtml .xht .hta .md .markdown .php .php3 .php4 .php5 .php7 .php8 .phtml .asp .aspx .jsp .jspx .cfm',
  ],
  ['image/svg+xml', '.svg'],
  // XML that a browser may find scripts or style sheets in.
  [
    'application/x-active-xml',
    '.xml .xsl .xslt .xhtml .xht .jspx .xsd .wsdl .rdf .rss .atom .opml .gpx .kml .plist .drawio',
  ],
  ['application/xml', '.xml .xsl .xslt .xhtml .xht .jspx .xsd .wsdl .rdf .rss .atom .opml .gpx .kml .plist .drawio'],
  ['text/plain', '.ts .mts .html .htm .shtml .xhtml .xht'],
]

/** Kinds that run, or that make a browser run something: let in only by name, never by a group such as `image/*`. */
export const activeKinds: ReadonlySet<string> = new Set([
  'text/html',
  'image/svg+xml',
  'application/x-active-xml',
  'application/vnd.microsoft.portable-executable',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-mach-fat-binary',
  'application/x-ms-shortcut',
  'application/x-script',
  'application/vnd.adobe.flash.movie',
  'application/java-archive',
])
