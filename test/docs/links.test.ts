/** Links between the pages lead somewhere. */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, proseOf, root, textOf } from './blocks.ts'

const others = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'examples/README.md']

/** Links of a page to files of the repository, as `[target, anchor]`. */
function linksOf(page: string): [target: string, anchor: string | undefined][] {
  const found = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1] as string)
  return found
    .filter(link => !/^[a-z]+:/.test(link))
    .map(link => {
      const [path = '', anchor] = link.split('#')
      return [path === '' ? page : normalize(join(dirname(page), path)), anchor]
    })
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the links', () => {
  it.each([...pages(), ...others])('of %s exist, with their anchors', page => {
    const broken = linksOf(page).filter(([target, anchor]) => {
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('lead from README.md to every page of docs', () => {
    const reached = new Set(linksOf('README.md').map(([target]) => target))
    expect(pages().filter(page => page !== 'README.md' && !reached.has(page))).toEqual([])
  })
})
