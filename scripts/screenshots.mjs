/**
 * `node scripts/screenshots.mjs`: draws `docs/images/*.png` with the built command line and a real Chromium, the same
 * pictures from run to run. Needs Chromium and a build.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const images = join(root, 'docs/images')
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
/** Pictures of a README should load fast. */
const mostBytes = 150_000
const limits = ['--accept', 'image/*,.pdf,.txt', '--max-file-size', '20MiB', '--parallel', '1']

/** What the folder holds before anything is dropped: name, bytes, time. */
const before = [
  ['Minutes of the meeting.pdf', 184_320, '2026-03-02T09:14:00Z'],
  ['harbour.jpg', 2_411_724, '2026-03-01T17:40:00Z'],
]
/** When the dropped files seem to have come: one minute after another. */
const noon = Date.parse('2026-03-02T12:00:00Z')

/** Runs the command line on a folder until `use` is through. */
async function withServer(options, use) {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-screenshots-'))
  for (const [name, bytes, time] of before) {
    writeFileSync(join(folder, name), Buffer.alloc(bytes))
    utimesSync(join(folder, name), new Date(time), new Date(time))
  }
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), folder, '--port', '0', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await new Promise((resolve, reject) => {
      child.on('exit', code => reject(new Error(`The command line ended with exit code ${code}.`)))
      createInterface(child.stdout).on('line', line => {
        const news = JSON.parse(line)
        if (news.event === 'listening') resolve(news.url)
      })
    })
    await use(url)
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A landscape, drawn by the browser. */
function drawLandscape({ sky, ground, sun, seed }) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 640 })
  const pen = canvas.getContext('2d')
  const air = pen.createLinearGradient(0, 0, 0, 480)
  for (const [at, colour] of sky.entries()) air.addColorStop(at / (sky.length - 1), colour)
  pen.fillStyle = air
  pen.fillRect(0, 0, 640, 640)
  pen.fillStyle = sun.colour
  pen.beginPath()
  pen.arc(sun.x, sun.y, sun.radius, 0, 2 * Math.PI)
  pen.fill()
  for (const [layer, colour] of ground.entries()) {
    pen.fillStyle = colour
    pen.beginPath()
    pen.moveTo(0, 640)
    for (let x = 0; x <= 640; x += 4) {
      const wave = Math.sin(x / (90 - 18 * layer) + seed * (layer + 1)) + 0.5 * Math.sin(x / 31 + seed + layer)
      pen.lineTo(x, 330 + 95 * layer - wave * (58 - 12 * layer))
    }
    pen.lineTo(640, 640)
    pen.fill()
  }
  return canvas.toDataURL('image/jpeg', 0.85)
}

const landscapes = {
  'sunrise over the hills.jpg': {
    sky: ['#274472', '#f2a65a', '#ffe3b3'],
    ground: ['#7d5a7a', '#53416b', '#2c2a4a'],
    sun: { x: 430, y: 300, radius: 54, colour: '#fff3d1' },
    seed: 1,
  },
  'lake.jpg': {
    sky: ['#5fa8d3', '#cfe8f3'],
    ground: ['#6c9a8b', '#3f7d6b', '#2a6f97'],
    sun: { x: 160, y: 130, radius: 40, colour: '#ffffff' },
    seed: 4,
  },
  'night.jpg': {
    sky: ['#0b132b', '#1c2541', '#3a506b'],
    ground: ['#22304f', '#161f38', '#0a1024'],
    sun: { x: 190, y: 150, radius: 36, colour: '#e8ecf5' },
    seed: 2.5,
  },
}

/** The files that are dropped. */
async function samples(page) {
  const files = []
  for (const [name, look] of Object.entries(landscapes)) {
    const url = await page.evaluate(drawLandscape, look)
    files.push({ name, mimeType: 'image/jpeg', buffer: Buffer.from(url.split(',')[1], 'base64') })
  }
  files.push({ name: 'Übersicht 2026.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(348_160, '%PDF-1.7\n') })
  return files
}

const refused = [
  { name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.alloc(700_000) },
  { name: 'film of the day.png', mimeType: 'image/png', buffer: Buffer.alloc(48 * 1024 ** 2) },
]

/** Drops the files on a fresh page and takes the picture. */
async function takePicture(browser, { name, files, failed = 0, ...look }) {
  await withServer(limits, async url => {
    const page = await browser.newPage({ deviceScaleFactor: 1.5, reducedMotion: 'reduce', ...look })
    await page.goto(url)
    const chosen = await files(page)
    await page.locator('input.dz-hidden-input').setInputFiles(chosen)
    await page
      .locator('.dz-preview.dz-complete, .dz-preview.dz-error')
      .nth(chosen.length - 1)
      .waitFor()
    if ((await page.locator('.dz-preview.dz-error').count()) !== failed) {
      throw new Error(`${name}: other files were refused than expected.`)
    }
    await page
      .locator('.files li')
      .nth(before.length + chosen.length - failed - 1)
      .waitFor()
    await page.waitForFunction(() => document.getAnimations().every(animation => animation.playState !== 'running'))
    await page.evaluate(fixTimes, { noon, count: chosen.length - failed })
    const path = join(images, `${name}.png`)
    await page.mouse.move(0, 0)
    await page.screenshot({ path, fullPage: true })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    if (overflow > 0) throw new Error(`${name}: the page is ${overflow} px wider than the window.`)
    const { size } = statSync(path)
    if (size > mostBytes) throw new Error(`${name}: ${size} bytes are too many, at most ${mostBytes}.`)
    console.log(`${name}.png ${size} bytes`)
    await page.close()
  })
}

/** The new files came just now; a picture that changes with the clock would be a change in every commit. */
function fixTimes({ noon, count }) {
  for (const [at, time] of [...document.querySelectorAll('.files time')].slice(0, count).entries()) {
    time.textContent = `${new Date(noon - at * 60_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  }
}

mkdirSync(images, { recursive: true })
if (!executablePath) throw new Error('No Chromium found: install the package chromium.')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const wide = { viewport: { width: 760, height: 400 } }
  await takePicture(browser, { name: 'light', files: samples, ...wide, colorScheme: 'light' })
  await takePicture(browser, { name: 'dark', files: samples, ...wide, colorScheme: 'dark' })
  await takePicture(browser, {
    name: 'phone',
    files: async page => (await samples(page)).slice(0, 2),
    viewport: { width: 320, height: 480 },
    colorScheme: 'light',
    hasTouch: true,
  })
  await takePicture(browser, {
    name: 'refused',
    files: async page => [...(await samples(page)).slice(0, 1), ...refused],
    failed: 2,
    ...wide,
    colorScheme: 'light',
  })
} finally {
  await browser.close()
}
