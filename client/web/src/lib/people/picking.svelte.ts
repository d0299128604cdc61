import { domainOf } from '@kith/spec/ids'
import type { CommandFailure } from '../../../../core/api.ts'
import type { Person } from '../../../../core/views.ts'
import { core } from '../core.ts'
import { Action, failureOf } from '../failures.svelte.ts'
import { session } from '../session.svelte.ts'
import { isCalled } from './member-list.svelte.ts'
import { personAddress } from './typed-address.ts'

export interface Picked extends Person {
  /** Why they could not be invited. */
  failure?: CommandFailure
}

export interface Suggestion extends Person {
  /** What was typed, completed to an address: nobody knows yet whether there is such a person. */
  isTyped?: true
}

/** Choosing people: by name among those one knows, or by their address. */
export class Picking {
  typed = $state('')
  picked = $state.raw<readonly Picked[]>([])
  readonly action = new Action()
  #known = $state.raw<readonly Person[]>([])
  readonly #present: () => ReadonlySet<string>

  /** What was typed as an address. */
  readonly address = $derived.by(() => personAddress(this.typed, domainOf(this.#me)))
  readonly suggestions: readonly Suggestion[] = $derived.by(() => {
    const wanted = this.typed.trim().toLocaleLowerCase()
    const isFree = ({ userId }: Person) => !this.#isTaken(userId)
    const known = this.#known.filter(
      (person) => isFree(person) && (wanted === '' || isCalled(person, wanted)),
    )
    const userId = this.address
    if (userId === undefined || this.#isTaken(userId) || known.some((person) => person.userId === userId)) {
      return known
    }
    return [...known, { userId, name: userId, isTyped: true }]
  })
  /** The address that was typed is of somebody who cannot be chosen. */
  readonly obstacle: 'me' | 'present' | undefined = $derived.by(() => {
    if (this.address === undefined) return undefined
    if (this.address === this.#me) return 'me'
    return this.#present().has(this.address) ? 'present' : undefined
  })

  /** @param present those who are there already */
  constructor(present: () => ReadonlySet<string> = () => new Set()) {
    this.#present = present
    void this.#loadKnown()
  }

  get #me(): string {
    return session.account?.userId ?? ''
  }

  pick({ userId, name, avatar, isTyped }: Suggestion): void {
    if (this.#isTaken(userId)) return
    this.picked = [...this.picked, { userId, name, ...(avatar !== undefined && { avatar }) }]
    this.typed = ''
    if (isTyped) void this.#name(userId)
  }

  remove(userId: string): void {
    this.picked = this.picked.filter((person) => person.userId !== userId)
  }

  /** Invites all who are picked, each for themselves. @returns whether all are; the others stay, with the reason */
  invite(roomId: string): Promise<boolean> {
    return this.action
      .run(async () => {
        for (const { userId } of this.picked) {
          try {
            await core.commands.invite(roomId, userId)
            this.remove(userId)
          } catch (error) {
            this.#mark(userId, { failure: failureOf(error) })
          }
        }
      })
      .then((isOver) => isOver && this.picked.length === 0)
  }

  /** Without suggestions one can still type an address. */
  async #loadKnown(): Promise<void> {
    this.#known = await core.commands.knownPeople().catch(() => [])
  }

  /** Gives an address its name, or says that there is no such person. */
  async #name(userId: string): Promise<void> {
    try {
      this.#mark(userId, await core.commands.person(userId))
    } catch (error) {
      const failure = failureOf(error)
      // A server that tells nothing may still take an invite.
      if (failure.key === 'no-such-person') this.#mark(userId, { failure })
    }
  }

  #mark(userId: string, change: Partial<Picked>): void {
    this.picked = this.picked.map((person) => (person.userId === userId ? { ...person, ...change } : person))
  }

  #isTaken(userId: string): boolean {
    return (
      userId === this.#me ||
      this.#present().has(userId) ||
      this.picked.some((person) => person.userId === userId)
    )
  }
}
