import type { Locator } from 'playwright-core'
import type { BrowserPerson } from './person.ts'

export interface GroupMaking {
  invite?: BrowserPerson[]
  /** The part of its address before the colon; anybody may join then. */
  address?: string
}

/** Whom somebody chats with: groups, invitations, and the people in a chat. */
export class Circle {
  readonly #who: BrowserPerson

  constructor(who: BrowserPerson) {
    this.#who = who
  }

  get panel(): Locator {
    return this.#who.page.getByRole('region', { name: this.#who.text.people.about })
  }

  get dialog(): Locator {
    return this.#who.page.getByRole('dialog')
  }

  async makesGroup(name: string, { invite = [], address }: GroupMaking = {}): Promise<void> {
    const { people, rooms } = this.#who.text
    await this.#starts(rooms.newGroup)
    await this.#who.write(people.groupName, name)
    if (address) {
      await this.#who.press(this.#who.page.getByRole('radio', { name: people.public }))
      await this.#who.write(people.groupAddress, address)
    }
    for (const one of invite) await this.#picks(people.firstPeople, one)
    await this.#who.press(this.#who.button(people.make))
    await this.#isIn(name)
  }

  async startsChat(other: BrowserPerson): Promise<void> {
    await this.#starts(this.#who.text.rooms.newChat)
    await this.#picks(this.#who.text.people.newChatHint, other)
    await this.#who.chat.field.waitFor()
  }

  async joins(address: string): Promise<void> {
    const { people, rooms } = this.#who.text
    await this.#starts(rooms.joinByAddress)
    await this.#who.write(people.joinWith, address)
    await this.#who.hands.submit(this.#who.field(people.joinWith), this.#who.button(people.join))
  }

  /** The invitation to a chat, in the list. */
  invitation(name: string): Locator {
    const { page, text } = this.#who
    const invitations = page.getByRole('region', { name: text.rooms.invitations })
    return invitations.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  }

  async accepts(name: string): Promise<void> {
    await this.#who.press(this.#in(this.invitation(name), this.#who.text.rooms.accept))
    await this.#who.chat.field.waitFor()
  }

  async declines(name: string): Promise<void> {
    await this.#who.press(this.#in(this.invitation(name), this.#who.text.rooms.decline))
    await this.invitation(name).waitFor({ state: 'detached' })
  }

  async opensPanel(): Promise<void> {
    await this.#who.press(this.#who.button(this.#who.text.people.about))
    await this.panel.waitFor()
  }

  /** From the panel. */
  async invites(other: BrowserPerson): Promise<void> {
    const { people } = this.#who.text
    await this.#who.press(this.#in(this.panel, people.invite))
    await this.#picks(people.nameOrAddress, other)
    await this.#who.press(this.#in(this.dialog, people.inviteShort))
    await this.dialog.waitFor({ state: 'detached' })
  }

  async leaves(): Promise<void> {
    const { people } = this.#who.text
    await this.#who.press(this.#in(this.panel, people.leaveShort))
    await this.#who.press(this.#in(this.dialog, people.leaveShort))
    await this.dialog.waitFor({ state: 'detached' })
  }

  member(other: BrowserPerson): Locator {
    return this.panel.getByRole('button', { name: other.name })
  }

  /** Carries out what is done with a member: removing, banning, lifting a ban. */
  async does(action: string, other: BrowserPerson): Promise<void> {
    await this.#who.press(this.member(other))
    await this.#who.press(this.#in(this.dialog, action))
    await this.#who.press(this.#in(this.dialog, action))
    await this.dialog.waitFor({ state: 'detached' })
  }

  #in(place: Locator, button: string): Locator {
    return place.getByRole('button', { name: button, exact: true })
  }

  async #starts(what: string): Promise<void> {
    await this.#who.press(this.#who.button(this.#who.text.rooms.new))
    await this.#who.press(this.#who.page.getByRole('menuitem', { name: what, exact: true }))
  }

  async #picks(label: string, other: BrowserPerson): Promise<void> {
    await this.#who.write(label, other.userId)
    await this.#who.press(this.#who.page.getByRole('button').filter({ hasText: other.userId }).first())
  }

  async #isIn(name: string): Promise<void> {
    await this.#who.page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
    await this.#who.chat.field.waitFor()
  }
}
