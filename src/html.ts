/** `dropgate/html`: the page's helpers as pure functions, for those who serve pages without the engine. */
export { escapeAttribute, escapeHtml, jsonForScript } from './html/escape.ts'
export type {
  ConfigOptions,
  CreateOptions,
  LoadOptions,
  Page,
  PageAssets,
  PageFacts,
  StyleOptions,
} from './html/page.ts'
export { createPage } from './html/page.ts'
export { styleText } from './html/style.ts'
export { defineDropArea } from './sansio/dropzone/define.ts'
export type { DropAreaOptions } from './sansio/dropzone/options.ts'
export type { PolicyDescription } from './sansio/policy/describe.ts'
