import { goto } from '$app/navigation'
import { addresses } from '../addresses.ts'
import { core } from '../core.ts'
import { Action } from '../failures.svelte.ts'
import { text } from '../i18n/language.svelte.ts'
import { session } from '../session.svelte.ts'
import { Picking } from './picking.svelte.ts'

/** A group that is being made: first what it is, then, where somebody could not be invited, what becomes of that. */
export class NewGroup {
  name = $state('')
  topic = $state('')
  access = $state<'private' | 'public'>('private')
  alias = $state('')
  readonly people = new Picking()
  readonly action = new Action()
  /** Once it is made. */
  roomId = $state<string>()
  #isTried = $state(false)
  #taken = $state<string>()

  readonly nameError = $derived.by(() =>
    this.#isTried && this.name.trim() === '' ? text.people.groupNameMissing : undefined,
  )
  readonly aliasError = $derived.by(() => {
    if (this.access === 'private') return undefined
    const alias = this.#alias
    if (alias === '') return this.#isTried ? text.people.groupAddressMissing : undefined
    if (/[\s:]/.test(alias)) return text.people.groupAddressInvalid
    return alias === this.#taken ? text.people.groupAddressTaken : undefined
  })

  /** Without what the field shows around it, which may have been typed or pasted too. */
  get #alias(): string {
    const server = `:${session.account?.serverName ?? ''}`
    const bare = this.alias.trim().replace(/^#/, '')
    return bare.endsWith(server) ? bare.slice(0, -server.length) : bare
  }

  async make(): Promise<void> {
    this.#isTried = true
    if (this.nameError !== undefined || this.aliasError !== undefined) return
    await this.action.run(async () => {
      this.roomId = await core.commands.createGroup({
        name: this.name,
        topic: this.topic,
        ...(this.access === 'public' && { isPublic: true, alias: this.#alias }),
      })
    })
    if (this.action.failure?.errcode === 'M_ROOM_IN_USE') {
      this.action.failure = undefined
      this.#taken = this.#alias
    }
    await this.invite()
  }

  async invite(): Promise<void> {
    const { roomId } = this
    if (roomId === undefined) return
    if (await this.people.invite(roomId)) await goto(addresses.room(roomId))
  }
}
