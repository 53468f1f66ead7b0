/** The drop area itself, as it stands in the page before any script runs. */
import {
  ACTION_ATTRIBUTE,
  AREA_ATTRIBUTE,
  DEFAULT_ID,
  dropAreaTexts,
  LIMITS_ATTRIBUTE,
} from '../sansio/dropzone/config.ts'
import { escapeAttribute, escapeHtml } from './escape.ts'
import type { Resolved } from './overrides.ts'

/** What `create()` needs to know. */
export interface AreaFacts {
  readonly id: string | undefined
  readonly className: string | undefined
  /** Where the files go. */
  readonly action: string
  readonly area: Resolved
  /** Name of the form field that carries the token. */
  readonly field: string | undefined
}

/**
 * A form that also works without script or, inside a form of the developer's, a `<div>`.
 *
 * Dropzone takes the element with the class `fallback` out when it starts, so its controls are neither shown nor sent
 * along then. The token stands before the files: it is read before a byte of them.
 */
export function areaTags(facts: AreaFacts): string {
  const { id = DEFAULT_ID, className, action, area } = facts
  const { inForm = false } = area.dropArea
  const texts = { ...dropAreaTexts, ...area.dropArea }
  const limits = `dropgate-limits-${idPart(id)}`
  const classes = className === undefined ? 'dropzone' : `dropzone ${className}`
  const common = `class="${escapeAttribute(classes)}" ${AREA_ATTRIBUTE} id="${escapeAttribute(id)}"`
  const url = escapeAttribute(action)
  const [tag, attributes, submit] = inForm
    ? ['div', `${common} ${ACTION_ATTRIBUTE}="${url}"`, '']
    : [
        'form',
        `${common} action="${url}" method="post" enctype="multipart/form-data"`,
        `<button type="submit">${escapeHtml(texts.dictUploadButton)}</button>\n`,
      ]
  return `<${tag} ${attributes}>
<div class="fallback">
${inForm ? '' : tokenInput(facts)}<label><span>${escapeHtml(texts.dictFileInput)}</span> <input ${fileInput(area, limits)}></label>
${submit}</div>
<p class="dropgate-limits" ${LIMITS_ATTRIBUTE} id="${limits}">${escapeHtml(area.policy.sentence)}</p>
</${tag}>
`
}

function fileInput({ dropArea, policy }: Resolved, limits: string): string {
  const name = dropArea.paramName ?? 'file'
  const many = policy.dropzone.maxFiles !== 1
  return [
    'type="file"',
    `name="${escapeAttribute(many ? `${name}[]` : name)}"`,
    ...(policy.accept === '' ? [] : [`accept="${escapeAttribute(policy.accept)}"`]),
    ...(many ? ['multiple'] : []),
    ...(dropArea.inForm ? [] : ['required']),
    `aria-describedby="${limits}"`,
  ].join(' ')
}

/** Not for a form that posts to another host: the token is ours. */
function tokenInput({ area, action, field }: AreaFacts): string {
  if (!area.token || field === undefined || /^(?:\/\/|[a-z]+:)/i.test(action)) return ''
  return `<input type="hidden" name="${escapeAttribute(field)}" value="${escapeAttribute(area.token())}">\n`
}

/** An id made of an id: `aria-describedby` is a list split at white space, so none may be left. */
function idPart(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/gu, character => `_${(character.codePointAt(0) as number).toString(16)}`)
}
