import type { Member, TimelineItem } from '../../../../core/views.ts'
import type { OpenRoom } from '../rooms/open-room.svelte.ts'
import type { Composing } from './composing.svelte.ts'
import type { Mention } from './drafts.ts'
import { canBegin, everybody } from './mentions.ts'

const most = 8
/** Longer, and nobody is being looked for. */
const longestQuery = 40

interface Query {
  /** Where its `@` is. */
  start: number
  text: string
}

/** Who could be meant by the `@…` before the caret, and who of them is about to be chosen. */
export class Mentioning {
  #query = $state.raw<Query>()
  /** The `@` somebody doesn't want to be asked about. */
  #dismissed: number | undefined
  #active = $state(0)
  readonly #room: () => OpenRoom
  readonly #composing: () => Composing
  readonly found: readonly Mention[] = $derived.by(() => {
    const room = this.#room()
    const details = room.details?.known ? room.details.room : undefined
    if (!this.#query || !details) return []
    const lowered = this.#query.text.toLocaleLowerCase()
    const people = matching([...(room.members?.values() ?? [])], lowered)
    const byTime = recency(room.timeline?.items ?? [])
    people.sort(
      (one, other) =>
        (byTime.get(other.userId) ?? -1) - (byTime.get(one.userId) ?? -1) ||
        one.name.localeCompare(other.name),
    )
    const isAllowed = details.can.notifyRoom && everybody.startsWith(`@${lowered}`)
    const all = isAllowed ? [{ userId: everybody, name: everybody.slice(1) }] : []
    return [...people.slice(0, most - all.length), ...all]
  })

  constructor(room: () => OpenRoom, composing: () => Composing) {
    this.#room = room
    this.#composing = composing
  }

  get isOpen(): boolean {
    return this.found.length > 0
  }

  get active(): number {
    return Math.min(this.#active, this.found.length - 1)
  }

  /** Call when the text or the caret has changed. */
  look({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): void {
    const next = selectionStart === selectionEnd ? queryBefore(value, selectionStart) : undefined
    if (next?.start !== this.#query?.start || next?.text !== this.#query?.text) this.#active = 0
    if (next?.start !== this.#dismissed) this.#dismissed = undefined
    this.#query = this.#dismissed === undefined ? next : undefined
  }

  move(by: number): void {
    const { length } = this.found
    this.#active = (this.active + by + length) % length
  }

  choose(mention = this.found[this.active]): void {
    if (!mention || !this.#query) return
    const typed = this.#query.text.length + 1
    this.#query = undefined
    this.#composing().mention({ userId: mention.userId, name: mention.name }, typed)
  }

  /** Until another `@` is typed. */
  dismiss(): void {
    this.#dismissed = this.#query?.start
    this.#query = undefined
  }

  end(): void {
    this.#dismissed = undefined
    this.#query = undefined
  }
}

function queryBefore(text: string, caret: number): Query | undefined {
  const start = text.lastIndexOf('@', caret - 1)
  if (start < 0 || caret - start > longestQuery || !canBegin(text, start)) return undefined
  const query = text.slice(start + 1, caret)
  return /^\s|\n/.test(query) ? undefined : { start, text: query }
}

/** Whose name, or a word of it, begins with what was typed. */
function matching(members: readonly Member[], lowered: string): Mention[] {
  return members.filter(({ name, membership, isMe }) => {
    if (isMe || (membership !== 'join' && membership !== 'invite')) return false
    const known = name.toLocaleLowerCase()
    return known.startsWith(lowered) || (lowered !== '' && startsWord(known, lowered))
  })
}

function startsWord(name: string, lowered: string): boolean {
  for (let at = name.indexOf(lowered); at >= 0; at = name.indexOf(lowered, at + 1)) {
    // Between Chinese characters a word may begin anywhere.
    if (/[^\p{L}\p{N}]$|\p{Script=Han}$/u.test(name.slice(0, at)) || /^\p{Script=Han}/u.test(lowered))
      return true
  }
  return false
}

/** By user ID: the place of the last thing they said. */
function recency(items: readonly TimelineItem[]): Map<string, number> {
  return new Map(
    items.flatMap((item, index) => (item.kind === 'event' ? [[item.sender.userId, index] as const] : [])),
  )
}
