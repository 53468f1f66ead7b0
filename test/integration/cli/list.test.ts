/** The list of files on the drop page, in a real browser. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chooseFiles, has, launchChromium } from '../../browser/support.ts'
import { start, temporaryFolder } from './run.ts'

describe('the list of files', () => {
  it.skipIf(!has.chromium)('shows a new file without a reload (needs Chromium)', async () => {
    const browser = await launchChromium()
    onTestFinished(() => browser.close())
    const { url } = await start()
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
    await page.goto(url)
    const file = join(temporaryFolder(), 'Grüße "1".txt')
    writeFileSync(file, 'hello')
    await chooseFiles(page, file)
    const link = page.locator('.files li a')
    await link.waitFor()
    expect(await link.getAttribute('href')).toMatch(/^\/files\/Gr%C3%BC%C3%9Fe/)
    expect(await page.locator('.dz-success').count()).toBe(1)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    expect(download.suggestedFilename()).toMatch(/^Grüße .1.\.txt$/)
  })
})
