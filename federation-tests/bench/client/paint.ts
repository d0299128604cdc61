import type { Page } from 'playwright-core'

/** Begins to note when Enter is pressed, and when a message of a text has been painted after that. */
export async function watchPaint(page: Page): Promise<void> {
  await page.evaluate(() => {
    const log = document.querySelector('[role="log"]')
    if (!log) throw new Error('no messages are on the screen')
    let pressedAt = 0
    addEventListener(
      'keydown',
      ({ key }) => {
        if (key === 'Enter') pressedAt = performance.now()
      },
      { capture: true },
    )
    Reflect.set(window, 'painted', (text: string) => {
      const { promise, resolve } = Promise.withResolvers<number>()
      const look = () => {
        if (![...log.querySelectorAll('article')].some(({ textContent }) => textContent.includes(text)))
          return
        observer.disconnect()
        // Painted at the latest when the frame after the next one begins.
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - pressedAt)))
      }
      const observer = new MutationObserver(look)
      observer.observe(log, { childList: true, subtree: true, characterData: true })
      look()
      return promise
    })
  })
}

/** @returns milliseconds from Enter to the message on the screen. Call before it is sent. */
export function painted(page: Page, text: string): Promise<number> {
  return page.evaluate((wanted) => Reflect.get(window, 'painted')(wanted), text)
}
