/** One Chromium and one page server for a file of tests; a fresh page, and no complaint of its, for each. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Answer, type PageServer, startPageServer, strictPolicy } from './page-server.ts'
import { has, launchChromium, watch } from './support.ts'

/** What the server says when a test says nothing else. */
const kept: Answer = { status: 201, type: 'application/json', body: '{"files":[]}' }

export interface PageFixture {
  browser: Browser
  server: PageServer
  page: Page
}

/**
 * Registers the hooks; the fixture is filled before each test.
 *
 * @param expected parts of console lines that may come
 */
export function pageFixture(expected: readonly string[] = []): PageFixture {
  const fixture = {} as PageFixture
  let wrong: string[] = []
  beforeAll(async () => {
    if (!has.chromium) return
    fixture.server = await startPageServer()
    fixture.browser = await launchChromium()
  })
  afterAll(async () => {
    await fixture.browser?.close()
    await fixture.server?.close()
  })
  beforeEach(async () => {
    if (!has.chromium) return
    fixture.server.arrived.length = 0
    fixture.server.answer = () => kept
    fixture.server.others.clear()
    fixture.server.contentPolicy = strictPolicy
    fixture.page = await fixture.browser.newPage()
    wrong = await watch(fixture.page, ['Failed to load resource', ...expected])
  })
  afterEach(async () => {
    await fixture.page?.close()
    expect(wrong).toEqual([])
  })
  return fixture
}

/** Shows `html` and goes there. */
export async function open({ page, server }: PageFixture, html: string): Promise<void> {
  server.show(html)
  await page.goto(server.origin)
}

/** For `expect.poll` on a busy machine. Milliseconds. */
export const patient = { timeout: 10_000 }

/** A small file to choose. */
export function text(name: string, mimeType = 'text/plain', body: string | Uint8Array = 'x') {
  return { name, mimeType, buffer: Buffer.from(body) }
}

/** Dropzone's options of the element with an id, as JSON; undefined where none runs. */
export function optionsOf(page: Page, id = 'myDropzone'): Promise<Record<string, unknown> | undefined> {
  return page.evaluate(id => {
    const element = document.getElementById(id) as (HTMLElement & { dropzone?: { options: object } }) | null
    return element?.dropzone && (JSON.parse(JSON.stringify(element.dropzone.options)) as Record<string, unknown>)
  }, id)
}

/** Where Dropzone puts the sentence about a file. */
export function message(page: Page, name: string) {
  return page.locator('.dz-preview', { hasText: name }).locator('[data-dz-errormessage]')
}
