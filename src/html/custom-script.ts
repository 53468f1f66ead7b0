/** JavaScript that a developer gives as text, for those who come from Flask-Dropzone. */
import { OptionError } from '../sansio/option-error.ts'
import { jsonForScript } from './escape.ts'
import { checkNonce } from './tags.ts'

/** Options of `config()` that are JavaScript. Never build them from what strangers wrote: they are run. */
export interface CustomScript {
  /** Statements to run when the drop area starts; `this` and `dz` are the Dropzone. */
  readonly customInit?: string
  /** Properties of an object, e.g. `renameFile: file => 'x' + file.name`; they have the last word over all options. */
  readonly customOptions?: string
  /** The nonce of this answer's Content-Security-Policy. */
  readonly nonce?: string
}

const hint = 'Without a nonce, give the functions in a file of your own, with dropgate.configure().'

/**
 * One inline script that hands the functions to the client script, which may come later. Each text ends with a line
 * break, so that a comment at its end takes nothing of ours along.
 *
 * @throws OptionError without a nonce, and for text that would end the script element
 */
export function customScript(id: string, { customInit, customOptions, nonce }: CustomScript): string {
  if (!customInit?.trim() && !customOptions?.trim()) return ''
  const given = checkNonce(nonce, 'config()', hint)
  const init = customInit?.trim() ? [`init(dz){\n${checkCode(customInit, 'customInit')}\n}`] : []
  const options = customOptions?.trim() ? [`options(){return{\n${checkCode(customOptions, 'customOptions')}\n}}`] : []
  const functions = [...init, ...options].join(',')
  return `<script nonce="${given}">(window.dropgate??=[]).push([${jsonForScript(id)},{${functions}}])</script>\n`
}

function checkCode(code: string, name: string): string {
  if (!/<\/script|<!--/i.test(code)) return code
  const allowed = 'JavaScript without "</script" and "<!--"'
  throw new OptionError(`config().${name}`, code, allowed, 'In a string write "<\\/script" or "<\\!--".')
}
