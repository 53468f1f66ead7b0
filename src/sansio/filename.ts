/** File names: cleaned for people and file systems, numbered when taken, random on request. */
export { cleanFilename, maxNameBytes } from './filename/clean.ts'
export { extensionOf, numberedName, splitExtension } from './filename/extension.ts'
export { randomFilename } from './filename/random.ts'
