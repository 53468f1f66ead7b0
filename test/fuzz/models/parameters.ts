/** A second reader of header parameters, written from the rules and not from the code: slow, short, on regular expressions. */

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"

export interface ModelParameters {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Undefined: must be refused. */
export function modelParameters(text: string): ModelParameters | undefined {
  const [value = ''] = text.split(';', 1)
  const parameters = new Map<string, string>()
  const lastQuote = text.lastIndexOf('"')
  let at = value.length
  while (at < text.length) {
    at += (/^;[ \t]*/.exec(text.slice(at)) as RegExpExecArray)[0].length
    if (at === text.length || text[at] === ';') continue
    const name = new RegExp(`^(${token})=`).exec(text.slice(at))
    if (!name || parameters.has((name[1] as string).toLowerCase())) return undefined
    at += name[0].length
    let end: number
    let content: string
    if (text[at] === '"') {
      end = text.indexOf('"', at + 1)
      while (end >= 0 && text[end - 1] === '\\' && end !== lastQuote) end = text.indexOf('"', end + 1)
      if (end < 0) return undefined
      content = text
        .slice(at + 1, end)
        .split('\\"')
        .join('"')
      end++
    } else {
      content = (/^[^; \t"]*/.exec(text.slice(at)) as RegExpExecArray)[0]
      end = at + content.length
      if (text[end] === '"') return undefined
    }
    parameters.set((name[1] as string).toLowerCase(), content)
    at = end + (/^[ \t]*/.exec(text.slice(end)) as RegExpExecArray)[0].length
    if (at < text.length && text[at] !== ';') return undefined
  }
  return { value: value.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase(), parameters }
}

/** What browsers escape in names. */
export function modelName(text: string): string {
  return text.split(/%22/).join('"').split(/%0d/i).join('\r').split(/%0a/i).join('\n')
}
