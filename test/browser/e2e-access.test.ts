/** The command line's page for those who use no mouse, hear the page instead of seeing it, or see it badly. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { start } from '../integration/cli/run.ts'
import { filesIn, namesAndSums, sampleFile } from './e2e-server.ts'
import { chooseFiles, has, launchChromium, sentenceOf, watch } from './support.ts'

let browser: Browser | undefined
let page: Page
let wrong: string[]

beforeAll(async () => {
  if (has.chromium || process.env.CI) browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async context => {
  if (!browser) return context.skip('No Chromium found: install the package chromium.')
  page = await browser.newPage({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' })
  wrong = await watch(page)
})
afterEach(async () => {
  await page?.close()
  expect(wrong ?? []).toEqual([])
})

async function open(...options: string[]): Promise<string> {
  const { url, directory } = await start(...options)
  await page.goto(url)
  await page.locator('.dz-message').waitFor()
  return directory
}

/** What assistive technology is given: role and name of every node that is not hidden from it. */
async function accessibilityTree(): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return nodes.filter(node => !node.ignored).map(node => `${node.role?.value}: ${node.name?.value ?? ''}`)
}

/** Whether what has the focus looks different from how it looks without. */
async function focusIsVisible(): Promise<boolean> {
  const { outlineStyle, outlineWidth } = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element)
    return { outlineStyle, outlineWidth }
  })
  return outlineStyle === 'solid' && Number.parseFloat(outlineWidth) >= 2
}

/** The text of elements whose contrast to what lies behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
function faintTexts(): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = [red: number, green: number, blue: number, alpha: number]
    const pen = new OffscreenCanvas(1, 1).getContext('2d', {
      willReadFrequently: true,
    }) as OffscreenCanvasRenderingContext2D
    const parse = (css: string): Colour => {
      pen.clearRect(0, 0, 1, 1)
      pen.fillStyle = css
      pen.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data
      return [red, green, blue, alpha / 255]
    }
    const over = (top: Colour, under: Colour): Colour => {
      const mix = (at: 0 | 1 | 2) => top[at] * top[3] + under[at] * (1 - top[3])
      return [mix(0), mix(1), mix(2), 1]
    }
    const behind = (element: Element | null): Colour =>
      element
        ? over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement))
        : [255, 255, 255, 1]
    const luminance = (colour: Colour) => {
      const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map(value => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const faint: string[] = []
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.nodeValue?.trim())
      if (text.join('') === '' || !element.checkVisibility({ opacityProperty: true }) || element.closest('script'))
        continue
      const back = behind(element)
      const [one, two] = [luminance(back), luminance(over(parse(getComputedStyle(element).color), back))]
      const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
      if (contrast < 4.5) faint.push(`${text.join(' ')} (${contrast.toFixed(2)})`)
    }
    return faint
  })
}

const addButton = () => page.getByRole('button', { name: 'Drop files here or click to upload.' })

describe("the command line's page", () => {
  it('is used with the keyboard alone: one file, then another, then the way to their links', async () => {
    const directory = await open()
    // Playwright begins to catch choosers some time after it was asked to: ask before the first key.
    page.on('filechooser', () => {})
    const samples = [sampleFile('first.txt', 10), sampleFile('second.txt', 20)]
    await page.keyboard.press('Tab')
    for (const [at, sample] of samples.entries()) {
      await expect.poll(() => addButton().evaluate(button => document.activeElement === button)).toBe(true)
      expect(await focusIsVisible()).toBe(true)
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.keyboard.press(at ? 'Space' : 'Enter'),
      ])
      await chooser.setFiles(sample.path)
      await page.locator('.dz-success').nth(at).waitFor()
    }
    expect(filesIn(directory)).toEqual(namesAndSums(samples))
    await page.getByRole('link', { name: 'second.txt' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('second.txt')
    expect(await focusIsVisible()).toBe(true)
  })

  it('is heard: the limits with the button, what was kept, and why not', async () => {
    await open('--accept', '.pdf', '--max-file-size', '1MiB')
    expect(await addButton().evaluate(button => button.getAttribute('aria-describedby'))).toBe(
      await page.getByText('.pdf files, up to 1 MiB each.').getAttribute('id'),
    )
    await chooseFiles(page, [sampleFile('good.pdf', 10).path, sampleFile('tool.exe', 10).path])
    expect(await sentenceOf(page, 'tool.exe')).toBe('This file type is not allowed.')
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('tool.exe: This file type is not allowed.')
    await expect.poll(() => page.getByRole('status').textContent()).toBe('good.pdf was uploaded.')
    const tree = await accessibilityTree()
    expect(tree).toContain('StaticText: This file type is not allowed.')
    expect(tree).toContain('button: Drop files here or click to upload.')
    expect(tree).toContain('heading: Drop files')
    expect(tree.filter(node => /^(image|SvgRoot|graphic)/.test(node))).toEqual([])
  })

  it('shows a picture that is kept but can not be drawn as kept', async () => {
    await open()
    await chooseFiles(page, { name: 'scan.tiff', mimeType: 'image/tiff', buffer: Buffer.from('II*\0') })
    await page.locator('.dz-success').waitFor()
    expect(await page.locator('.dz-success-mark').isVisible()).toBe(true)
    await page.waitForTimeout(300)
    expect(await page.locator('.dz-error-mark').isVisible()).toBe(false)
  })

  it.each(['light', 'dark'] as const)('has enough contrast in the %s, and fits 320 pixels', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    await open('--accept', '.pdf')
    const names = ['good.pdf', `${'long'.repeat(30)}.pdf`, 'tool.exe']
    await chooseFiles(
      page,
      names.map(name => sampleFile(name, 10).path),
    )
    await sentenceOf(page, 'tool.exe')
    await page.getByRole('link', { name: 'good.pdf' }).waitFor()
    expect(await faintTexts()).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    for (const target of await page.locator('a, button').all()) {
      expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(24)
    }
  })
})
