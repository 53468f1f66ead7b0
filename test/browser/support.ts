/** What every browser test needs: browsers, a trusted drop of real files, a slow line, a watch over the page's errors. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, firefox, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { buildClient } from '../../scripts/build-client.mjs'

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const firefoxPath = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync)

/** The browsers of this machine, for `it.skipIf(!has.firefox)`. */
export const has = { chromium: chromiumPath !== undefined, firefox: firefoxPath !== undefined }

/** Starts Debian's Chromium. Close it in `afterAll`. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('No Chromium found: install the package chromium.')
  const off = ['--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...off],
  })
}

/**
 * Builds the client script and starts one Chromium for a file of tests, until they are over. Without one its tests are
 * to be skipped (`describe.skipIf(!has.chromium)`); in continuous integration it is missed.
 */
export function useChromium(): { readonly browser: Browser } {
  const shared = {} as { browser: Browser }
  beforeAll(async () => {
    await buildClient()
    if (has.chromium || process.env.CI) shared.browser = await launchChromium()
  })
  afterAll(() => shared.browser?.close())
  return shared
}

/** Starts Debian's Firefox ESR, an unpatched one, over WebDriver BiDi. Close it in `afterAll`. */
export function launchFirefox(): Promise<Browser> {
  if (firefoxPath === undefined) throw new Error('No Firefox found: install the package firefox-esr.')
  return firefox.launch({ channel: 'moz-firefox', executablePath: firefoxPath })
}

/**
 * Drops real files of this machine on an element, as the user's own hand would: `isTrusted` is true. Chromium only.
 *
 * @param files absolute paths
 */
export async function dropFiles(page: Page, target: Locator, files: readonly string[]): Promise<void> {
  await target.scrollIntoViewIfNeeded()
  const box = await target.boundingBox()
  if (!box) throw new Error('The drop target is not visible.')
  const session = await page.context().newCDPSession(page)
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const data = { items: [], files: [...files], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...place, data })
  }
  await session.detach()
}

/**
 * Slows the page's line down. Chromium only.
 *
 * @param upload bytes per second
 */
export async function throttle(page: Page, upload: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: upload,
  })
}

/** Gives files to a drop area through Dropzone's own hidden input, in any browser. */
export function chooseFiles(page: Page, files: Parameters<Locator['setInputFiles']>[0], nth = 0): Promise<void> {
  return page.locator('input.dz-hidden-input').nth(nth).setInputFiles(files)
}

/**
 * Collects what goes wrong on a page: exceptions, console errors and violations of the Content-Security-Policy. Call it
 * before `goto`; an honest page leaves the list empty.
 *
 * @param except parts of console lines that are expected, e.g. `'status of 415'`
 */
export async function watch(page: Page, except: readonly string[] = []): Promise<string[]> {
  const wrong: string[] = []
  page.on('pageerror', error => wrong.push(`exception: ${error.message}`))
  page.on('console', message => {
    const text = message.text()
    if (message.type() === 'error' && !except.some(part => text.includes(part))) wrong.push(`console: ${text}`)
  })
  await page.exposeFunction('reportViolation', (text: string) => wrong.push(`policy: ${text}`))
  await page.addInitScript(() => {
    const report = (window as unknown as { reportViolation(text: string): void }).reportViolation
    document.addEventListener('securitypolicyviolation', event =>
      report(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    )
  })
  return wrong
}

/** Switches the page's own checks off, so that the server has to refuse. */
export async function letTheServerCheck(page: Page): Promise<void> {
  await page.locator('[data-dropgate]').evaluate(element => {
    type Area = HTMLElement & { dropzone: { options: Record<string, unknown> } }
    Object.assign((element as Area).dropzone.options, { acceptedFiles: null, maxFilesize: null, maxFiles: null })
  })
}

/** The sentence under a refused file, once it can be read with no pointer near it. */
export async function sentenceOf(page: Page, name: string): Promise<string> {
  await page.mouse.move(0, 0)
  const preview = page.locator('.dz-preview.dz-error', { hasText: name })
  await preview.waitFor()
  const sentence = preview.locator('[data-dz-errormessage]')
  await sentence.and(page.locator(':not(:empty)')).waitFor()
  // Opacity may still be on its way.
  await sentence.evaluate(element => Promise.all(element.getAnimations().map(animation => animation.finished)))
  const seen = await sentence.evaluate(element => {
    const { width, height } = element.getBoundingClientRect()
    return width > 8 && height > 8 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  })
  if (!seen) throw new Error(`The sentence of ${name} is in the page but cannot be seen.`)
  return (await sentence.textContent()) ?? ''
}
