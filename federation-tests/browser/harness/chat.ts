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

  /** By the end of what a screen reader says of it. */
  message(text: string): Locator {
    const [ending = ''] = this.#who.text.timeline.labelled('\n', '\n', text).split('\n').slice(-1)
    return this.log.getByRole('article', { name: new RegExp(`${RegExp.escape(ending)}$`) })
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

  /** Waits until this message is marked as the last one that these people have read. */
  async seesRead(text: string, ...names: string[]): Promise<void> {
    const by = this.#who.text.timeline.readBy(names.join(', '))
    await this.message(text).getByRole('img', { name: by, exact: true }).waitFor()
  }

  /** Presses one of the actions of a message. */
  async acts(text: string, action: string): Promise<void> {
    const message = this.message(text)
    await this.#who.hands.point(message)
    const toolbar = message.getByRole('toolbar', { name: this.#who.text.composer.actions })
    await this.#who.press(toolbar.getByRole('button', { name: action, exact: true }))
  }

  async replies(to: string, text: string): Promise<void> {
    await this.acts(to, this.#who.text.composer.reply)
    await this.says(text)
  }

  async edits(text: string, better: string): Promise<void> {
    await this.acts(text, this.#who.text.composer.edit)
    await this.holds(text)
    await this.says(better)
  }

  async deletes(text: string): Promise<void> {
    const { page, text: labels } = this.#who
    await this.acts(text, labels.common.more)
    await this.#who.press(page.getByRole('menuitem', { name: labels.composer.delete, exact: true }))
    const dialog = page.getByRole('dialog', { name: labels.composer.deleteTitle })
    await this.#who.press(dialog.getByRole('button', { name: labels.composer.delete, exact: true }))
    await dialog.waitFor({ state: 'detached' })
  }

  async reacts(text: string, key: string): Promise<void> {
    await this.acts(text, this.#who.text.composer.react)
    const layer = this.#who.page.getByRole('dialog', { name: this.#who.text.composer.react })
    await this.#who.press(layer.getByRole('button', { name: key, exact: true }))
  }

  /** Takes part in a reaction that is there, or takes the own one back. */
  async toggles(text: string, key: string): Promise<void> {
    await this.#who.press(this.reaction(text, key))
  }

  /** A reaction below a message, with how many there are. */
  reaction(text: string, key: string, count?: number): Locator {
    const list = this.message(text).getByRole('list', { name: this.#who.text.composer.reactions })
    return list
      .getByRole('button')
      .filter({ hasText: count === undefined ? key : new RegExp(`${key}\\s*${count}$`) })
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
