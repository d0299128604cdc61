import type { BrowserContext, Page } from 'playwright-core'
import type { SharedWorkers, WorkerEvent } from './shared-workers.ts'

/** All that went wrong in one browser unseen by who uses it. */
export interface Troubles {
  /** Everything that was said, good or bad, to look at after a failure. */
  readonly console: readonly string[]
  /** What must not be there: errors in the console, exceptions, what the policy of the page blocked, modules that did not load. */
  readonly found: readonly string[]
  /** Takes what is like this for no trouble from now on. */
  forgive(pattern: RegExp): void
}

/** That an answer was no success, or a server out of reach, is for the app to say. What the page is made of must load. */
const ofTheNetwork = /^(Failed to load resource|WebSocket connection to)/
const partsOfThePage = ['document', 'script', 'stylesheet', 'font', 'manifest']

export function watchTroubles(
  context: BrowserContext,
  workers: { all: SharedWorkers; of: string },
): Troubles {
  const said: string[] = []
  const found: string[] = []
  const forgiven: RegExp[] = []
  const say = (line: string, isTrouble: boolean) => {
    said.push(line)
    if (isTrouble && !forgiven.some((pattern) => pattern.test(line))) found.push(line)
  }
  context.on('console', (message) => {
    const text = message.text()
    say(`${message.type()}: ${text}`, message.type() === 'error' && !ofTheNetwork.test(text))
  })
  context.on('weberror', (error) => say(`exception: ${error.error().stack ?? error.error().message}`, true))
  context.on('response', (response) => {
    const type = response.request().resourceType()
    if (response.status() >= 400 && partsOfThePage.includes(type)) {
      say(`${response.status()}: ${type} ${response.url()}`, true)
    }
  })
  context.on('page', (page) => void page.on('crash', () => say('the page crashed', true)))
  workers.all.onEvent(workers.of, (event) => sayOf(event, say))
  return { console: said, found, forgive: (pattern) => void forgiven.push(pattern) }
}

function sayOf(event: WorkerEvent, say: (line: string, isTrouble: boolean) => void): void {
  if (event.kind === 'request') return
  const isError = event.kind === 'exception' || event.level === 'error'
  say(`worker ${event.kind}: ${event.text}`, isError && !ofTheNetwork.test(event.text))
}

/** The browser's own id of a context. */
export async function contextId(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page)
  const { targetInfo } = await session.send('Target.getTargetInfo')
  await session.detach()
  return targetInfo.browserContextId ?? ''
}
