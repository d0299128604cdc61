import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { freePort } from '../../harness/ports.ts'
import { type SharedWorkers, watchSharedWorkers } from './shared-workers.ts'

const executablePath = '/usr/bin/chromium'
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Chromium extends AsyncDisposable {
  browser: Browser
  workers: SharedWorkers
}

/** Starts Debian's Chromium with a fresh profile. Nothing is ever downloaded. */
export async function launchChromium(): Promise<Chromium> {
  if (!existsSync(executablePath)) throw new Error('needs: npm run peers')
  const port = await freePort()
  const args = [...flags, `--remote-debugging-port=${port}`]
  const browser = await chromium.launch({ executablePath, args, headless: true })
  const workers = await watchSharedWorkers(port)
  return {
    browser,
    workers,
    async [Symbol.asyncDispose]() {
      await workers[Symbol.asyncDispose]()
      await browser.close()
    },
  }
}
