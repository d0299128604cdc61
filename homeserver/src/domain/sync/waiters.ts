/** Long polls under way. One subscription finds out whom a change concerns; nobody is asked who is not concerned. */
import type { Log, TailRow } from '../../log/log.ts'
import type { RoomNumber, UserNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { MembersView } from '../rooms/members-view.ts'
import type { Typing } from '../typing/typing.ts'

/** A reader's place in the waiting room, taken before he looks at what there is, so that no change slips past. */
export interface Waiter {
  /** Resolves with the next change of the reader's since the last call; at the latest when time is up. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void>
  leave(): void
}

interface Seat {
  isWoken: boolean
  wake?: () => void
}

/** Kinds whose rows concern nobody but their user. */
const personal = new Set<number>([kinds.accountData, kinds.invitation, kinds.forget, kinds.session])

export class Waiters {
  readonly #members: MembersView
  readonly #seats = new Map<UserNumber, Set<Seat>>()

  constructor({ log, members, typing }: { log: Log; members: MembersView; typing: Typing }) {
    this.#members = members
    log.tail.subscribe((rows) => this.#follow(rows))
    typing.subscribe(({ room }) => this.#wakeRoom(room))
  }

  enter(user: UserNumber): Waiter {
    const seat: Seat = { isWoken: false }
    const seats = this.#seats.get(user) ?? new Set()
    this.#seats.set(user, seats.add(seat))
    return {
      next: (timeoutMs, signal) => sit(seat, timeoutMs, signal),
      leave: () => {
        seats.delete(seat)
        if (seats.size === 0 && this.#seats.get(user) === seats) this.#seats.delete(user)
      },
    }
  }

  #follow(rows: readonly TailRow[]): void {
    if (this.#seats.size === 0) return
    for (const row of rows) {
      if (row.user !== undefined) this.#wake(row.user)
      const isPersonal = personal.has(row.kind) || (row.kind === kinds.receipts && row.user !== undefined)
      if (row.room !== undefined && !isPersonal) this.#wakeRoom(row.room)
    }
  }

  #wakeRoom(room: RoomNumber): void {
    if (this.#seats.size === 0) return
    const members = this.#members.cached(room)
    if (members) this.#wakeAll(members.local)
    // Not in memory: those who wait are woken when it is.
    else
      void this.#members.of(room).then(
        ({ local }) => this.#wakeAll(local),
        () => this.#wakeAll(new Set(this.#seats.keys())),
      )
  }

  #wakeAll(users: ReadonlySet<UserNumber>): void {
    if (users.size <= this.#seats.size) for (const user of users) this.#wake(user)
    else for (const user of this.#seats.keys()) if (users.has(user)) this.#wake(user)
  }

  #wake(user: UserNumber): void {
    for (const seat of this.#seats.get(user) ?? []) {
      seat.isWoken = true
      seat.wake?.()
    }
  }
}

async function sit(seat: Seat, timeoutMs: number, signal: AbortSignal): Promise<void> {
  if (!seat.isWoken && !signal.aborted && timeoutMs > 0) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      seat.wake = done
    })
    seat.wake = undefined
  }
  seat.isWoken = false
}
