import type { Locator } from 'playwright-core'

/** How somebody works the screen: stories are the same for all. */
export interface Hands {
  readonly kind: 'pointer' | 'touch' | 'keyboard'
  /** A button, a link, an entry of a menu, a choice. */
  press(target: Locator): Promise<void>
  /** Replaces what a field holds. */
  write(target: Locator, text: string): Promise<void>
  /** One of the entries of a field that opens a list. */
  select(field: Locator, label: string): Promise<void>
  /** Makes a message the one that is acted on, so that its buttons are there. */
  point(target: Locator): Promise<void>
  /** Nearly a screen back in the messages. */
  scrollUp(log: Locator): Promise<void>
  /** Finishes what is written, in a form or in the composer. */
  submit(field: Locator, button: Locator): Promise<void>
}

export const pointer: Hands = {
  kind: 'pointer',
  press: (target) => target.click(),
  write: (target, text) => target.fill(text),
  select: async (field, label) => void (await field.selectOption({ label })),
  point: (target) => target.hover(),
  async scrollUp(log) {
    const { mouse } = log.page()
    const scroller = await log.locator('..').boundingBox()
    if (!scroller) throw new Error('there is nothing to scroll')
    await mouse.move(scroller.x + scroller.width / 2, scroller.y + scroller.height / 2)
    await mouse.wheel(0, -0.9 * scroller.height)
  },
  submit: (_, button) => button.click(),
}

/** A finger on a phone. */
export const touch: Hands = {
  ...pointer,
  kind: 'touch',
  press: (target) => target.tap(),
  point: (target) => target.tap(),
  submit: (_, button) => button.tap(),
}
