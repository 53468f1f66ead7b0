/** CSS for one drop area, as text. */
import { AREA_ATTRIBUTE } from '../sansio/dropzone/config.ts'
import { escapeCssString } from './escape.ts'

/**
 * A rule for drop areas, to be served as a stylesheet (`text/css`) or put into `<style>`.
 *
 * @param css declarations, e.g. `'border-style: dotted; min-height: 40vh'`, written by the developer
 * @param id only the drop area with this id, whatever characters it has; all drop areas when omitted
 * @example styleText('border-style: dotted', 'my-zone')
 */
export function styleText(css: string, id?: string): string {
  const only = id === undefined ? '' : `[id="${escapeCssString(id)}"]`
  // "<\/" means the same to CSS and does not end a <style> element.
  return `.dropzone[${AREA_ATTRIBUTE}]${only}{${css.replaceAll('</', '<\\/')}}`
}
