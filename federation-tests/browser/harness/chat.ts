import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import type { BrowserPerson } from './person.ts'
import { until } from './until.ts'

/** What somebody sees of the chat that is open, and does in it. */
export class Chat {
  readonly #who: BrowserPerson

  constructor(who: BrowserPerson) {
    this.#who = who
  }

  get log(): Locator {
    return this.#who.page.getByRole('log', { name: this.#who.text.timeline.messages })
  }

  get field(): Locator {
    return this.#who.page.getByRole('textbox', { name: this.#who.text.composer.message, exact: true })
  }

  message(text: string): Locator {
    const { page } = this.#who
    return this.log.getByRole('article').filter({ has: page.getByText(text, { exact: true }) })
  }

  async says(text: string): Promise<void> {
    await this.writes(text)
    await this.sends()
  }

  /** Puts it in the field, and leaves it there. */
  writes(text: string): Promise<void> {
    return this.#who.hands.write(this.field, text)
  }

  sends(): Promise<void> {
    return this.#who.hands.submit(this.field, this.#who.button(this.#who.text.composer.send))
  }

  /** Waits until the field has this in it. */
  async holds(text: string): Promise<void> {
    await until(async () => (await this.field.inputValue()) === text, `the field holds ${text}`)
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor()
  }

  async sawNothingOf(text: string): Promise<void> {
    assert.equal(await this.message(text).count(), 0, `${this.#who.name} sees ${text}`)
  }

  /** Waits until somebody is shown as typing, or until nobody is. */
  async seesTyping(name: string): Promise<void> {
    await this.#who.page.getByText(this.#who.text.timeline.typing(name, 1), { exact: true }).waitFor()
  }

  async seesNobodyTyping(name: string): Promise<void> {
    const line = this.#who.page.getByText(this.#who.text.timeline.typing(name, 1), { exact: true })
    await line.waitFor({ state: 'detached' })
  }

  /** Presses one of the actions of a message. */
  async acts(text: string, action: string): Promise<void> {
    const message = this.message(text)
    await this.#who.hands.point(message)
    const toolbar = message.getByRole('toolbar', { name: this.#who.text.composer.actions })
    await this.#who.press(toolbar.getByRole('button', { name: action, exact: true }))
  }

  /** The texts of the messages on the screen that are of these words and a number, from top to bottom. */
  async textsOf(...words: string[]): Promise<string[]> {
    const texts = await this.log.getByText(new RegExp(`^(${words.join('|')}) \\d+$`)).allInnerTexts()
    return texts.map((text) => text.trim())
  }

  /** Waits until all numbers up to `count` are shown with a word: each once, in order. */
  async showsAll(word: string, count: number): Promise<void> {
    const wanted = numbered(word, count)
    let shown: string[] = []
    const isSo = async () => {
      shown = await this.textsOf(word)
      return shown.length >= count
    }
    await until(isSo, `${this.#who.name} sees ${count} of ${word}`).catch(() => {})
    assert.deepEqual(shown, wanted)
  }
}

/** Texts that can be counted and compared. */
export function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index + 1}`)
}
