import assert from 'node:assert/strict'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { en, type Messages } from '../../../client/web/src/lib/i18n/messages.ts'
import { zhCn } from '../../../client/web/src/lib/i18n/zh-cn/messages.ts'
import { password, register } from '../../harness/accounts.ts'
import { Person } from '../../harness/person.ts'
import type { TestServer } from '../../harness/server.ts'
import { Chat } from './chat.ts'
import type { Chromium } from './chromium.ts'
import { Circle } from './circle.ts'
import { type Hands, pointer, touch } from './hands.ts'
import { type Address, type Line, openLine } from './line.ts'
import { allThatIsStored } from './storage.ts'
import { contextId, type Troubles, watchTroubles } from './troubles.ts'
import { until } from './until.ts'

export interface PersonOptions {
  /** The server of the account, by its label; the first one when absent. */
  on?: string
  /** The server that the page comes from, where that is another one. */
  pageFrom?: string
  locale?: 'en' | 'zh-CN'
  theme?: 'light' | 'dark'
  device?: 'desktop' | 'phone'
  /** As most people have it when absent. */
  motion?: 'no-preference' | 'reduce'
  /** Where the clock of this browser stands still; it runs when absent. */
  now?: Date
  /** Where the browser finds the server, when that is seen. */
  address?: Address
}

export const viewports = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
}
const catalogues = { en, 'zh-CN': zhCn }
const seesWithinMs = 15_000

/** What is typed to get in; one's own name and the password of all where nothing is said. */
export interface Credentials {
  server?: string
  name?: string
  password?: string
}

interface Opening extends PersonOptions {
  server: TestServer
  hands: Hands
  chromium: Chromium
  pageServer?: TestServer
}

/** Somebody with a browser. */
export class BrowserPerson {
  readonly name: string
  readonly server: TestServer
  readonly hands: Hands
  readonly page: Page
  readonly line: Line
  readonly troubles: Troubles
  /** What the screen says in this person's language. */
  readonly text: Messages
  /** What has to be typed to find the server of the account; nothing where it is that of the page. */
  readonly #serverToType: string | undefined
  readonly #chromium: Chromium
  readonly #contextId: string
  #api: Person | undefined

  private constructor(made: { name: string; page: Page; line: Line; id: string; opening: Opening }) {
    const { name, page, line, id, opening } = made
    this.name = name
    this.page = page
    this.line = line
    this.server = opening.server
    const isOnPhone = opening.device === 'phone' && opening.hands === pointer
    this.hands = isOnPhone ? touch : opening.hands
    this.text = catalogues[opening.locale ?? 'en']
    this.#serverToType = opening.pageServer && new URL(opening.server.url).host
    this.#chromium = opening.chromium
    this.#contextId = id
    this.troubles = watchTroubles(page.context(), { all: opening.chromium.workers, of: id })
  }

  static async open(name: string, opening: Opening): Promise<BrowserPerson> {
    const { chromium, server, now, device = 'desktop', locale = 'en', theme = 'light' } = opening
    const context = await chromium.browser.newContext({
      viewport: viewports[device],
      hasTouch: device === 'phone',
      isMobile: device === 'phone',
      locale,
      colorScheme: theme,
      timezoneId: 'UTC',
      reducedMotion: opening.motion ?? 'no-preference',
    })
    context.setDefaultTimeout(seesWithinMs)
    const page = await context.newPage()
    const id = await contextId(page)
    if (now) {
      await page.clock.setFixedTime(now)
      chromium.workers.beforeStart(id, `Date.now = () => ${now.getTime()}`)
    }
    const line = await openLine((opening.pageServer ?? server).url, opening.address)
    return new BrowserPerson({ name, page, line, id, opening })
  }

  get context(): BrowserContext {
    return this.page.context()
  }

  get url(): string {
    return this.page.url()
  }

  get userId(): string {
    return `@${this.name}:${this.server.name}`
  }

  /** The same account with a plain HTTP client, to set a scene. */
  get api(): Person {
    if (!this.#api) throw new Error(`${this.name} has no account yet`)
    return this.#api
  }

  async hasAccount(): Promise<void> {
    this.#api = new Person(await register(this.server, this.name))
  }

  async goesTo(address: string): Promise<void> {
    await this.page.goto(this.line.url + address)
  }

  /** Waits until something is on the screen. */
  async sees(what: string | RegExp): Promise<void> {
    await this.page.getByText(what).filter({ visible: true }).first().waitFor()
  }

  async seesNoLonger(what: string): Promise<void> {
    await until(async () => (await this.page.getByText(what).filter({ visible: true }).count()) === 0, what)
  }

  async sawNothingOf(what: string | RegExp): Promise<void> {
    assert.equal(await this.page.getByText(what).count(), 0, `${this.name} sees ${what}`)
  }

  async sawNoButton(name: string): Promise<void> {
    assert.equal(await this.button(name).count(), 0, `${this.name} sees the button ${name}`)
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  link(name: string): Locator {
    return this.page.getByRole('link', { name, exact: true })
  }

  field(label: string): Locator {
    const optional = `${label} (${this.text.common.optional})`
    return this.page
      .getByLabel(label, { exact: true })
      .or(this.page.getByLabel(optional, { exact: true }))
      .or(this.page.getByRole('combobox', { name: label, exact: true }))
  }

  press(target: Locator): Promise<void> {
    return this.hands.press(target)
  }

  write(label: string, text: string): Promise<void> {
    return this.hands.write(this.field(label), text)
  }

  choose(label: string, option: string): Promise<void> {
    return this.hands.select(this.field(label), option)
  }

  async signsIn(credentials: Credentials = {}): Promise<void> {
    await this.goesTo('/login')
    await this.triesToEnter(this.text.account.signIn, credentials)
    await this.isIn()
  }

  /** Fills in the form that is on the screen, and sends it. */
  async triesToEnter(
    action: string,
    { server = this.#serverToType, name = this.name, password: typed = password }: Credentials,
  ): Promise<void> {
    const { account } = this.text
    if (server) {
      await this.press(this.button(account.changeServerLong))
      await this.write(account.server, server)
    }
    await this.write(account.name, name)
    await this.write(account.password, typed)
    await this.hands.submit(this.field(account.password), this.button(action))
  }

  async isIn(): Promise<void> {
    await this.page.getByRole('navigation', { name: this.text.common.navigation }).waitFor()
  }

  /** The chat that is on the screen. */
  get chat(): Chat {
    return new Chat(this)
  }

  /** Groups, invitations, people. */
  get circle(): Circle {
    return new Circle(this)
  }

  /** Opens a chat from the list. */
  async opens(name: string): Promise<void> {
    await this.press(this.chatRow(name))
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }

  chatRow(name: string): Locator {
    const list = this.page.getByRole('list', { name: this.text.common.chats })
    return list.getByRole('link').filter({ has: this.page.getByText(name, { exact: true }) })
  }

  /** Those of the words that this browser keeps, wherever pages can keep something. */
  async storedWords(words: string[]): Promise<string[]> {
    const stored = await this.page.evaluate(allThatIsStored)
    return words.filter((word) => stored.includes(word))
  }

  /** Fails with what went wrong unseen. */
  hadNoTrouble(): void {
    if (this.troubles.found.length === 0) return
    throw new Error(`${this.name}'s browser had trouble:\n${this.troubles.found.join('\n')}`)
  }

  /** As when a cable is pulled: the browser knows that it is offline, and what was connected breaks. */
  async losesNetwork(): Promise<void> {
    await this.context.setOffline(true)
    await this.#chromium.workers.setOffline(this.#contextId, true)
    this.line.shake()
  }

  async getsNetworkBack(): Promise<void> {
    await this.#chromium.workers.setOffline(this.#contextId, false)
    await this.context.setOffline(false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close()
    await this.line[Symbol.asyncDispose]()
    await this.#api?.[Symbol.asyncDispose]()
  }
}
