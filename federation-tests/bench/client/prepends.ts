import type { Page } from 'playwright-core'

export interface Prepends {
  count: number
  /** px, the most that the topmost whole message moved by itself. */
  movedPx: number
}

/** Scrolls back until older messages have come this often, and watches in every frame whether what is read moves. */
export async function scrollBack(page: Page, count: number): Promise<Prepends> {
  const box = await page.locator('[role="log"]').locator('..').boundingBox()
  if (!box) throw new Error('no messages are on the screen')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const result: Prepends = { count: 0, movedPx: 0 }
  const deadline = performance.now() + 240_000
  while (result.count < count) {
    if (performance.now() > deadline) throw new Error(`older messages came ${result.count} times only`)
    await page.mouse.wheel(0, -4000)
    const step = await page.evaluate(watchStep)
    result.count += step.count
    result.movedPx = Math.max(result.movedPx, step.movedPx)
  }
  return result
}

/** Watches once the scrolling has come to rest: runs in the page. */
async function watchStep(): Promise<Prepends> {
  const log = document.querySelector('[role="log"]')
  const scroller = log?.parentElement
  if (!log || !scroller) throw new Error('no messages are on the screen')
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
  const heightOf = () => log.getBoundingClientRect().height
  const result = { count: 0, movedPx: 0 }
  let height = heightOf()
  const grew = () => {
    const now = heightOf()
    // More than rows that turn out larger than they were estimated.
    const hasCome = now > height + scroller.clientHeight
    height = now
    return hasCome
  }
  // The wheel takes a moment to begin, and then what moves is meant to. Older messages may come already.
  const begun = scroller.scrollTop
  for (let waited = 0; waited < 30 && scroller.scrollTop === begun; waited += 1) {
    await frame()
    if (grew()) result.count += 1
  }
  for (let still = 0, before = -1; still < 10; before = scroller.scrollTop) {
    await frame()
    if (grew()) result.count += 1
    still = scroller.scrollTop === before ? still + 1 : 0
  }
  const edge = scroller.getBoundingClientRect().top
  const topOf = (element: Element) => element.getBoundingClientRect().top
  const anchor = [...scroller.querySelectorAll('article')]
    .filter((article) => topOf(article) >= edge)
    .sort((one, other) => topOf(one) - topOf(other))[0]
  if (!anchor) throw new Error('no message is whole on the screen')
  const start = topOf(anchor)
  for (let frames = 0; frames < 20; frames += 1) {
    await frame()
    // Where it is when this frame is painted, not when it begins.
    await new Promise((resolve) => setTimeout(resolve))
    if (grew()) result.count += 1
    const moved = anchor.isConnected ? Math.abs(topOf(anchor) - start) : Number.POSITIVE_INFINITY
    result.movedPx = Math.max(result.movedPx, moved)
  }
  return result
}
