import type { Page } from 'playwright-core'

export interface Sightings {
  /** Messages in the order in which they were first seen, from the top of the screen, frame by frame. */
  texts: string[]
  /** Neighbours on the screen, in one of the frames, that are not neighbours in number. */
  holes: string[]
}

/** Begins to note, in every frame, the messages of a word and a number that are on the screen. */
export async function watchScrolling(page: Page, word: string): Promise<void> {
  await page.evaluate((wanted) => {
    const log = document.querySelector('[role="log"]')
    const scroller = log?.parentElement
    if (!log || !scroller) throw new Error('no messages are on the screen')
    const seen = new Set<string>()
    const holes = new Set<string>()
    const pattern = new RegExp(`: ${wanted} (\\d+)$`)
    Reflect.set(window, 'sightings', () => ({ texts: [...seen], holes: [...holes] }))
    const look = () => {
      const { top, bottom } = scroller.getBoundingClientRect()
      const onScreen = [...log.querySelectorAll('article')]
        .map((article) => ({
          place: article.getBoundingClientRect(),
          number: Number(pattern.exec(article.ariaLabel ?? '')?.[1]),
        }))
        .filter(({ place, number }) => number > 0 && place.bottom > top && place.top < bottom)
        .sort((one, other) => one.place.top - other.place.top)
        .map(({ number }) => number)
      onScreen.forEach((number, index) => {
        seen.add(`${wanted} ${number}`)
        const before = onScreen[index - 1] ?? number - 1
        if (number !== before + 1) holes.add(`${before} | ${number}`)
      })
      requestAnimationFrame(look)
    }
    look()
  }, word)
}

export function sightings(page: Page): Promise<Sightings> {
  return page.evaluate(() => Reflect.get(window, 'sightings')())
}

/**
 * How far the messages on the screen move while nobody scrolls.
 *
 * @param during what happens meanwhile; without it, some frames pass
 * @returns px, the most that was seen of the topmost message that is whole on the screen; Infinity when it went away
 */
export async function movement(page: Page, during: number | (() => Promise<void>)): Promise<number> {
  await page.evaluate(watchAnchor)
  if (typeof during !== 'number') await during()
  const frames = typeof during === 'number' ? during : framesAfterwards
  return await page.evaluate((count) => Reflect.get(window, 'anchorMoved')(count), frames)
}

const framesAfterwards = 5

/** Runs in the page. Afterwards `anchorMoved(frames)` waits for some frames more, and tells. */
async function watchAnchor(): Promise<void> {
  const scroller = document.querySelector('[role="log"]')?.parentElement
  // A box that changes in every frame: whoever observes its size is told last, when all is as it will be painted.
  const box = document.body.appendChild(document.createElement('div'))
  box.style.cssText = 'position: fixed; block-size: 1px; inline-size: 1px; visibility: hidden'
  let painted = () => {}
  const observer = new ResizeObserver(() => painted())
  const frame = () =>
    new Promise<void>((resolve) => {
      requestAnimationFrame(() => {
        painted = resolve
        box.style.inlineSize = box.offsetWidth === 1 ? '2px' : '1px'
      })
    })
  observer.observe(box)
  // What was asked of the scroller just now is carried out by then.
  for (let wait = 0; wait < 3; wait += 1) await frame()
  const edge = scroller?.getBoundingClientRect().top ?? 0
  const topOf = (element: Element) => element.getBoundingClientRect().top
  const anchor = [...(scroller?.querySelectorAll('article') ?? [])]
    .filter((article) => topOf(article) >= edge)
    .sort((one, other) => topOf(one) - topOf(other))[0]
  const start = anchor ? topOf(anchor) : 0
  let most = 0
  let left = Number.POSITIVE_INFINITY
  const ended = Promise.withResolvers<number>()
  Reflect.set(window, 'anchorMoved', (count: number) => {
    left = count
    return ended.promise
  })
  const watch = async () => {
    for (; left > 0 && anchor; left -= 1) {
      await frame()
      most = Math.max(most, anchor.isConnected ? Math.abs(topOf(anchor) - start) : Number.POSITIVE_INFINITY)
    }
    observer.disconnect()
    box.remove()
    ended.resolve(most)
  }
  void watch()
}
