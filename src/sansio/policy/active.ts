import { typesByExtension } from './types.ts'

/** What runs where it is opened, or makes a browser or a web server run something. */
const extensions =
  '.html .htm .shtml .xhtml .xht .svg .svgz .hta .swf .exe .dll .scr .com .cpl .sys .msi .jar .sh .bash .zsh .command ' +
  '.bat .cmd .ps1 .vbs .lnk .reg .php .asp .jsp .cgi .cfm'

const types: ReadonlySet<string> = new Set([
  ...extensions.split(' ').flatMap(extension => typesByExtension.get(extension) ?? []),
  'application/x-elf',
  'application/x-executable',
  'application/x-sharedlib',
  'application/x-mach-binary',
  'application/x-dosexec',
  'application/x-csh',
])

/** Whether files of a type run. A group such as `image/*` does not stand for these: a policy has to name them. */
export function isActiveType(type: string): boolean {
  return types.has(type)
}
