import { limitExceeded } from '@kith/spec/errors'
import type { Connection } from './connection.ts'

/** A proxy that is not trusted has one address for all its clients. */
const maxUnknownPerAddress = 100
const maxPerUser = 20
export const retryAfterMs = 5000

/** Who has sockets open: by address until they are authenticated, then by user. */
export class Census {
  readonly #unknown = new Map<Connection, string>()
  readonly #unknownAt = new Map<string, number>()
  readonly #userOf = new Map<Connection, number>()
  readonly #ofUser = new Map<number, Set<Connection>>()

  isCrowded(address: string): boolean {
    return (this.#unknownAt.get(address) ?? 0) >= maxUnknownPerAddress
  }

  ofUser(user: number): ReadonlySet<Connection> {
    return this.#ofUser.get(user) ?? new Set()
  }

  all(): Set<Connection> {
    return new Set([...this.#unknown.keys(), ...this.#userOf.keys()])
  }

  add(connection: Connection, address: string): void {
    this.#unknown.set(connection, address)
    this.#unknownAt.set(address, (this.#unknownAt.get(address) ?? 0) + 1)
  }

  /** @throws MatrixError M_LIMIT_EXCEEDED when the user has too many */
  know(connection: Connection, user: number): void {
    // Closed while its token was looked up.
    if (!this.#unknown.has(connection)) return
    const mine = this.#ofUser.get(user) ?? new Set()
    if (mine.size >= maxPerUser) throw limitExceeded(retryAfterMs)
    this.remove(connection)
    this.#userOf.set(connection, user)
    this.#ofUser.set(user, mine.add(connection))
  }

  remove(connection: Connection): void {
    const address = this.#unknown.get(connection)
    if (address !== undefined) {
      const left = (this.#unknownAt.get(address) ?? 0) - 1
      if (left > 0) this.#unknownAt.set(address, left)
      else this.#unknownAt.delete(address)
      this.#unknown.delete(connection)
    }
    const user = this.#userOf.get(connection)
    if (user === undefined) return
    this.#userOf.delete(connection)
    const mine = this.#ofUser.get(user)
    mine?.delete(connection)
    if (mine?.size === 0) this.#ofUser.delete(user)
  }
}
