/** One way to use a page, whichever engine shows it. */
import type { Browser } from 'playwright-core'
import { chooseFiles, has, launchChromium, launchFirefox, sentenceOf } from './support.ts'
import { hasWebKit, launchWebKit } from './webkit.ts'

/** A window; any certificate will do. */
export interface Window {
  readonly url: () => string
  /** Opens a page with one drop area. */
  open(url: string): Promise<void>
  /** Goes anywhere. @returns whether the answer is shown there: a download is not */
  visit(url: string): Promise<boolean>
  /** How many dialogs scripts have opened so far; they are dismissed. */
  dialogs(): Promise<number>
  /** Runs a function in the page. It sees nothing but its argument, which has to be JSON. */
  run<A, T>(action: (given: A) => T | Promise<T>, given: A): Promise<T>
  /** Gives files to the drop area. */
  choose(paths: readonly string[]): Promise<void>
  /** The sentence below a refused file, once it can be read. */
  sentence(name: string): Promise<string>
  close(): Promise<void>
}

/** A browser that has been started. */
export interface Engine {
  /** @param proxy URL of a proxy for plain http */
  open(proxy?: string): Promise<Window>
  close(): Promise<void>
}

/** The browsers, as they are named to people. */
export const engines: readonly { name: string; has: boolean; launch: () => Promise<Engine> }[] = [
  { name: 'Chromium', has: has.chromium, launch: async () => overPlaywright(await launchChromium()) },
  { name: 'Firefox', has: has.firefox, launch: async () => overPlaywright(await launchFirefox()) },
  { name: 'WebKit', has: hasWebKit, launch: async () => ({ open: webkitWindow, close: async () => {} }) },
]

function overPlaywright(browser: Browser): Engine {
  return {
    close: () => browser.close(),
    async open(proxy) {
      const page = await browser.newPage({ ignoreHTTPSErrors: true, ...(proxy && { proxy: { server: proxy } }) })
      let dialogs = 0
      page.on('dialog', dialog => {
        dialogs++
        void dialog.dismiss().catch(() => {})
      })
      return {
        url: () => page.url(),
        async open(url) {
          await page.goto(url)
          await page.locator('.dz-message').waitFor()
        },
        // A download aborts the navigation.
        visit: url =>
          page.goto(url).then(
            () => true,
            () => false,
          ),
        dialogs: async () => dialogs,
        // Its own type takes apart what JSON can hold.
        run: (action, given) => page.evaluate(action as never, given) as never,
        choose: paths => chooseFiles(page, [...paths]),
        sentence: name => sentenceOf(page, name),
        close: () => page.close(),
      }
    },
  }
}

/** A browser of its own: one that takes some hundred large uploads breaks down. */
async function webkitWindow(proxy?: string): Promise<Window> {
  const webkit = await launchWebKit(proxy && new URL(proxy).host)
  let shown = ''
  let dialogs = 0
  const run: Window['run'] = (action, given) => webkit.run(`return (${action})(arguments[0])`, given)
  const countDialogs = async () => {
    while (await webkit.dismiss()) dialogs++
    return dialogs
  }
  return {
    url: () => shown,
    async open(url) {
      await webkit.open(url)
      await run(untilReady, undefined)
      shown = url
    },
    async visit(url) {
      // A dialog cuts the command short.
      await webkit.open(url).catch(() => {})
      await countDialogs()
      return (await run(() => location.href, undefined)) === new URL(url).href
    },
    dialogs: countDialogs,
    run,
    choose: paths => webkit.choose('input.dz-hidden-input', paths),
    sentence: name => run(untilRead, name),
    close: () => webkit.close(),
  }
}

async function untilReady(): Promise<void> {
  while (!document.querySelector('.dz-message')) await new Promise(resolve => setTimeout(resolve, 20))
}

/** {@link sentenceOf} in the page itself. */
async function untilRead(name: string): Promise<string> {
  for (;;) {
    const previews = [...document.querySelectorAll('.dz-preview.dz-error')]
    const sentence = previews
      .find(preview => preview.textContent?.includes(name))
      ?.querySelector('[data-dz-errormessage]')
    const { width, height } = sentence?.getBoundingClientRect() ?? { width: 0, height: 0 }
    const seen = sentence?.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    if (seen && width > 8 && height > 8 && sentence?.textContent) return sentence.textContent
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
