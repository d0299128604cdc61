import type { Locator, Page } from 'playwright-core'
import type { Hands } from './hands.ts'

const mostSteps = 120
/** Whoever acts by keyboard must see where the focus is, whenever it is asked: animations of panels are short. */
const settlesWithinMs = 2000

/** No pointer at all: Tab, arrows, Enter. Each step checks that the focus can be seen, and that it is never lost. */
export const keyboard: Hands = {
  kind: 'keyboard',
  async press(target) {
    await reach(target)
    const isLink = await target.evaluate((element) => element.matches('a[href]'))
    await target.page().keyboard.press(isLink ? 'Enter' : await activationKey(target))
    await keepsFocus(target.page())
  },
  async write(target, text) {
    await reach(target)
    const { keyboard } = target.page()
    await keyboard.press('ControlOrMeta+a')
    await keyboard.press('Delete')
    // As an input method does: with all keys one by one a story lasts minutes.
    await keyboard.insertText(text)
  },
  async select(field, label) {
    await reach(field)
    const page = field.page()
    const { keyboard } = page
    // What is chosen may change the field's own label.
    const shown = () =>
      page.evaluate(() => {
        const { activeElement: list } = document
        return list instanceof HTMLSelectElement ? list.selectedOptions[0]?.label : undefined
      })
    await keyboard.press('Home')
    for (let step = 0; (await shown()) !== label; step += 1) {
      if (step > mostSteps) throw new Error(`there is no ${label} in ${field}`)
      await keyboard.press('ArrowDown')
    }
  },
  async point(target) {
    await reach(target)
  },
  async scrollUp(log) {
    if (!(await log.evaluate((messages) => messages.contains(document.activeElement)))) {
      await reach(log.getByRole('article').last())
    }
    await log.page().keyboard.press('PageUp')
  },
  async submit(field) {
    await reach(field)
    await field.page().keyboard.press('Enter')
    await keepsFocus(field.page())
  },
}

/** Brings the focus to an element as somebody without a pointer does. */
async function reach(target: Locator): Promise<void> {
  await target.waitFor()
  const passed: string[] = []
  for (let step = 0; step < mostSteps; step += 1) {
    const place = await placeOf(target)
    if (place === 'here') return await showsFocus(target)
    passed.push(await describeFocus(target.page()))
    await target.page().keyboard.press(place)
  }
  throw new Error(
    `${target} cannot be reached with the keyboard. The focus went over:\n  ${passed.slice(0, 40).join('\n  ')}`,
  )
}

/** The key that brings the focus nearer: within a composite the arrows, else Tab, forwards or backwards. */
function placeOf(target: Locator): Promise<string> {
  return target.evaluate((element) => {
    const focused = document.activeElement ?? document.body
    if (focused === element) return 'here'
    const follows = focused.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING
    const composites = [
      { whole: '[role="menu"], [role="listbox"]', part: '[role^="menuitem"], [role="option"]', isRow: false },
      { whole: '[role="toolbar"]', part: 'button', isRow: true },
      { whole: '[role="log"], [role="feed"]', part: 'article', isRow: false },
      { whole: 'ul:has(> [aria-posinset])', part: 'a, button', isRow: false },
      { whole: '[role="radiogroup"], fieldset', part: 'input[type="radio"]', isRow: false },
    ]
    for (const { whole, part, isRow } of composites) {
      const own = element.matches(part) ? element.closest(whole) : null
      if (!own?.contains(focused) || !(focused.matches(part) || focused === own)) continue
      if (isRow) return follows ? 'ArrowRight' : 'ArrowLeft'
      return follows ? 'ArrowDown' : 'ArrowUp'
    }
    return follows ? 'Tab' : 'Shift+Tab'
  })
}

function activationKey(target: Locator): Promise<string> {
  return target.evaluate((element) =>
    element.matches('input[type="checkbox"], input[type="radio"]') ? 'Space' : 'Enter',
  )
}

/** Fails unless the focused element is on the screen and looks focused. */
async function showsFocus(target: Locator): Promise<void> {
  const shows = await target
    .page()
    .waitForFunction(focusTroubles, await target.elementHandle(), {
      timeout: settlesWithinMs,
    })
    .catch(() => undefined)
  if (!shows) {
    throw new Error(`the focus on ${target} cannot be seen (${await describeFocus(target.page())})`)
  }
}

/** Runs in the page. @returns whether the focus can be seen */
function focusTroubles(element: Element | null): boolean {
  if (!element || document.activeElement !== element) return false
  const { top, bottom, left, right } = element.getBoundingClientRect()
  const [x, y] = [
    (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
    (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2,
  ]
  const onTop = document.elementFromPoint(x, y)
  const isUncovered =
    onTop !== null && (element.contains(onTop) || onTop.contains(element) || !!onTop.closest('label'))
  const looksFocused = (one: Element) => {
    const { outlineStyle, outlineWidth, boxShadow, backgroundColor } = getComputedStyle(one)
    if (outlineStyle !== 'none' && outlineWidth !== '0px') return true
    if (one.matches('[data-highlighted]')) return backgroundColor !== 'rgba(0, 0, 0, 0)'
    return boxShadow !== 'none' && one.matches(':focus-within')
  }
  let one: Element | null = element
  for (let level = 0; one && level < 4; level += 1, one = one.parentElement)
    if (looksFocused(one)) return isUncovered
  return false
}

/** After an action the focus is where one goes on, not back at the start of the page. */
async function keepsFocus(page: Page): Promise<void> {
  const kept = await page
    .waitForFunction(
      () => document.activeElement !== null && document.activeElement !== document.body,
      undefined,
      {
        timeout: settlesWithinMs,
      },
    )
    .catch(() => undefined)
  if (!kept) throw new Error(`the focus was lost on ${new URL(page.url()).pathname}`)
}

function describeFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: focused } = document
    if (!focused) return 'nothing'
    const label = focused.getAttribute('aria-label') ?? focused.textContent?.trim().slice(0, 40)
    return `${focused.tagName.toLowerCase()} ${focused.getAttribute('role') ?? ''} "${label}"`
  })
}
