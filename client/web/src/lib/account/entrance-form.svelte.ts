import { tick } from 'svelte'
import type { Account, Commands, ErrorKey } from '../../../../core/api.ts'
import { Action, textOf } from '../failures.svelte.ts'
import { text } from '../i18n/language.svelte.ts'
import { chosenServer } from './chosen-server.svelte.ts'
import { deviceName } from './device-name.ts'

export type Field = 'name' | 'password' | 'server'
type Credentials = Parameters<Commands['signIn']>[0]

/** Beside which field a failure is told. */
const fieldOf: Partial<Record<ErrorKey, Field>> = {
  'not-a-homeserver': 'server',
  'login-elsewhere': 'server',
  'registration-closed': 'server',
  'registration-elsewhere': 'server',
  'name-taken': 'name',
  'name-invalid': 'name',
  'wrong-password': 'password',
  'password-weak': 'password',
}

/** A name, a password and a server, with which one signs in or registers. */
export class EntranceForm {
  name = $state('')
  password = $state('')
  readonly action = new Action()
  #missing = $state.raw<readonly Field[]>([])
  readonly #enter: (credentials: Credentials) => Promise<void>
  readonly #account: Account | undefined

  /** @param account whose password is asked again: only that can be typed then */
  constructor(enter: (credentials: Credentials) => Promise<void>, account?: Account) {
    this.#enter = enter
    this.#account = account
  }

  /** The server in a full ID in the name field, which then decides. */
  get serverInName(): string | undefined {
    return /^@?[^@:\s]+:(\S+)$/.exec(this.name.trim())?.[1]
  }

  errorAt(field: Field): string | undefined {
    if (this.#missing.includes(field)) return text.account.missing[field]
    const { failure } = this.action
    return failure && fieldOf[failure.key] === field ? textOf(failure) : undefined
  }

  /** A failure that no field has caused. */
  get failure() {
    const { failure } = this.action
    return failure && !fieldOf[failure.key] ? failure : undefined
  }

  /** Something else has been typed: what was said of it before is no longer true. */
  forget(): void {
    this.#missing = []
    this.action.failure = undefined
  }

  async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    this.#missing = this.#findMissing()
    if (this.#missing.length === 0) await this.action.run(() => this.#send())
    await tick()
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }

  async #send(): Promise<void> {
    const { password } = this
    await this.#enter({ ...(await this.#who()), password, deviceName: deviceName() })
  }

  async #who(): Promise<Pick<Credentials, 'baseUrl' | 'serverName' | 'user'>> {
    if (this.#account) return { baseUrl: this.#account.baseUrl, user: this.#account.userId }
    const server = this.serverInName
    const { baseUrl, serverName } = await (server ? chosenServer.use(server) : chosenServer.find())
    const user = server ? `@${this.name.trim().replace(/^@/, '')}` : this.name.trim()
    return { baseUrl, serverName, user }
  }

  #findMissing(): Field[] {
    const missing: Field[] = []
    if (this.password === '') missing.push('password')
    if (this.#account) return missing
    if (this.name.trim() === '') missing.push('name')
    if (chosenServer.isTyped && !this.serverInName && chosenServer.typed.trim() === '') missing.push('server')
    return missing
  }
}
