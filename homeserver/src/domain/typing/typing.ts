/**
 * Who is typing where. Kept in memory alone: it is worth nothing after half a minute. Each change takes the next
 * number of a stream that begins anew, under a new epoch, with each process.
 */
import type { RoomNumber } from '../../storage/interning.ts'
import { randomId } from '../random-id.ts'
import type { EphemeralMark } from '../sync/tokens.ts'

interface RoomTyping {
  /** Number of the last change. */
  counter: number
  users: Map<string, NodeJS.Timeout>
}

export interface TypingChange {
  room: RoomNumber
  userId: string
  typing: boolean
  /** Whether it came from another server. */
  remote: boolean
}

export const defaultTypingMs = 30_000
const longestTypingMs = 120_000

export class Typing {
  readonly #epoch = randomId(8)
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '0')
  readonly #rooms = new Map<RoomNumber, RoomTyping>()
  readonly #listeners = new Set<(change: TypingChange) => void>()
  #counter = 0

  get mark(): EphemeralMark {
    return { epoch: this.#epoch, counter: this.#counter }
  }

  /** Listeners are told of each change, also of those by time. */
  subscribe(listener: (change: TypingChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sets whether a user types; for `forMs` milliseconds if he does. */
  set({ room, userId, typing, remote }: TypingChange, forMs = defaultTypingMs): void {
    const held = this.#rooms.get(room)
    if (!typing && !held?.users.has(userId)) return
    const state = held ?? { counter: 0, users: new Map() }
    this.#rooms.set(room, state)
    const known = state.users.get(userId)
    clearTimeout(known)
    if (typing) {
      const stop = () => this.set({ room, userId, typing: false, remote })
      state.users.set(userId, setTimeout(stop, Math.min(forMs, longestTypingMs)).unref())
      // Typing on is no news here; but other servers forget who is not named again.
      if (!known) state.counter = ++this.#counter
    } else {
      state.users.delete(userId)
      state.counter = ++this.#counter
    }
    this.#tell({ room, userId, typing, remote })
  }

  usersIn(room: RoomNumber): string[] {
    return [...(this.#rooms.get(room)?.users.keys() ?? [])]
  }

  /** Whether the typing of a room is news to a reader. To one of another epoch it is when anybody types. */
  hasChanged(room: RoomNumber, since: EphemeralMark | undefined): boolean {
    const state = this.#rooms.get(room)
    if (!state) return false
    if (since?.epoch !== this.#epoch) return state.users.size > 0
    return state.counter > since.counter
  }

  stop(): void {
    for (const { users } of this.#rooms.values()) for (const timer of users.values()) clearTimeout(timer)
    this.#rooms.clear()
  }

  #tell(change: TypingChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
