import type { BrowserPerson } from '../../browser/harness/person.ts'
import { movement } from '../../browser/harness/scroll-watch.ts'
import { until } from '../../browser/harness/until.ts'

/** Screens that a wheel turns at once. */
const turn = 2

/**
 * Scrolls back until older messages have come this often. Each time they are held back until the scrolling has come to rest, so
 * that what moves afterwards moves by itself.
 *
 * @returns px, the most that the topmost whole message moved
 */
export async function scrollBack({ page, line, chat }: BrowserPerson, count: number): Promise<number> {
  const scroller = chat.log.locator('..')
  const box = await scroller.boundingBox()
  if (!box) throw new Error('no messages are on the screen')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const heightOf = () => chat.log.evaluate((log) => log.clientHeight)
  line.withhold('/messages')
  let most = 0
  for (let come = 0; come < count; come += 1) {
    await until(async () => {
      if (line.held > 0) return true
      await page.mouse.wheel(0, -turn * box.height)
      return false
    }, 'older messages are asked for')
    const height = await heightOf()
    const moved = await movement(page, async () => {
      line.release()
      // By a screen at least: more than rows that turn out larger than they were estimated.
      await until(async () => (await heightOf()) > height + box.height, 'older messages have come')
    })
    most = Math.max(most, moved)
  }
  return most
}
