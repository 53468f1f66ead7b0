/** The pages a user reads, and the code in them. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** A fenced block of a page. */
export interface Block {
  /** e.g. `docs/guide.md`. */
  readonly page: string
  /** Line of the first line of code, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
}

/** All pages with code for users. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'))
  return ['README.md', ...docs.map(name => `docs/${name}`)]
}

export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(match => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    language: match[1] as string,
    code: match[2] as string,
  }))
}

/**
 * Writes blocks as modules inside the repository, so that they find the package by its own name.
 *
 * @param folder below `.cache/`; emptied first
 * @returns the paths, in the order of the blocks
 */
export function writeModules(folder: string, blocks: readonly Block[]): string[] {
  const target = join(root, '.cache', folder)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  return blocks.map(({ page, line, language, code }) => {
    const path = join(target, `${page.replaceAll('/', '_').replace('.md', '')}-${line}.${language}`)
    writeFileSync(path, code)
    return path
  })
}

/** The same text with everything fenced taken out, for looking at its prose. */
export function proseOf(page: string): string {
  return textOf(page).replace(/^```.*?^```$/gms, '')
}
