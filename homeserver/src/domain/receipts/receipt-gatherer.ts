/**
 * Public receipts of one room are gathered for a moment into one row of the log: one fan-out, one message to each
 * other server. The first after a pause goes at once.
 */
import type { Log } from '../../log/log.ts'
import type { RoomNumber } from '../../storage/interning.ts'
import { kinds } from '../../storage/kinds.ts'
import type { Receipt, ReceiptsChange } from '../../storage/receipts.ts'
import { relayToAll } from '../rooms/relay.ts'

const gatherMs = 300

interface Gathering {
  receipts: Map<string, Receipt>
  /** Resolves when what is gathered now is committed. */
  committed: Promise<void>
  start: () => void
}

interface RoomReceipts {
  gathering?: Gathering
  /** Until when the next batch waits. */
  timer?: NodeJS.Timeout
}

export class ReceiptGatherer {
  readonly #log: Log
  readonly #rooms = new Map<string, RoomReceipts>()
  #stopped = false

  constructor(log: Log) {
    this.#log = log
  }

  /**
   * Adds a public receipt; resolves once it is durable.
   *
   * @param isOurs whether other servers are to be told
   */
  add(room: RoomNumber, receipt: Receipt, isOurs: boolean): Promise<void> {
    const key = `${room} ${isOurs}`
    const state = this.#rooms.get(key) ?? {}
    this.#rooms.set(key, state)
    state.gathering ??= this.#gathering(room, isOurs)
    const { gathering } = state
    gathering.receipts.set(`${receipt.user} ${receipt.type} ${receipt.thread}`, receipt)
    if (!state.timer) this.#send(key, state)
    return gathering.committed
  }

  /** A private receipt concerns nobody but its owner, so it is a row of its own. */
  async addPrivate(room: RoomNumber, receipt: Receipt): Promise<void> {
    const payload: ReceiptsChange = { room, receipts: [receipt] }
    await this.#log.commit({
      transactionKeys: [],
      changes: [{ kind: kinds.receipts, room, user: receipt.user, payload }],
    })
  }

  /** Sends what is gathered, and gathers no more. */
  stop(): void {
    this.#stopped = true
    for (const [key, state] of this.#rooms) {
      clearTimeout(state.timer)
      this.#send(key, state)
    }
  }

  #gathering(room: RoomNumber, isOurs: boolean): Gathering {
    const receipts = new Map<string, Receipt>()
    const { promise, resolve } = Promise.withResolvers<void>()
    const committed = promise.then(async () => {
      const payload: ReceiptsChange = { room, receipts: [...receipts.values()] }
      const relay = isOurs ? relayToAll() : undefined
      await this.#log.commit({
        transactionKeys: [],
        changes: [{ kind: kinds.receipts, room, relay, payload }],
      })
    })
    return { receipts, committed, start: resolve }
  }

  #send(key: string, state: RoomReceipts): void {
    const { gathering } = state
    state.gathering = undefined
    state.timer = undefined
    if (!gathering) {
      this.#rooms.delete(key)
      return
    }
    gathering.start()
    if (!this.#stopped) state.timer = setTimeout(() => this.#send(key, state), gatherMs)
  }
}
