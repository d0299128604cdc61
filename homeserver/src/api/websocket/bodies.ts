/** The bodies of one socket: those of /sync, one after the other, as fast as the client takes them. */
import { setTimeout as delay } from 'node:timers/promises'
import { sync as syncContract } from '@kith/spec/api/sync'
import { invalidParam, MatrixError } from '@kith/spec/errors'
import type { JsonObject } from '@kith/spec/json'
import type { Caller } from '../../domain/accounts/caller.ts'
import { namedFilter } from '../../domain/filters/sync-filter.ts'
import type { Homeserver } from '../../domain/homeserver.ts'
import { sync } from '../../domain/sync/sync.ts'
import type { SyncRequest } from '../../domain/sync/sync-context.ts'
import { readSyncToken, syncToken } from '../../domain/sync/tokens.ts'
import { checker } from '../serve.ts'
import { closeCodes } from './frames.ts'
import type { SocketContext } from './socket-context.ts'
import type { Standing } from './standing.ts'
import { Window } from './window.ts'
import type { Wire } from './wire.ts'

const maxOnTheWay = 8
/** After that an empty body moves the client's token on. */
const quietMs = 10 * 60_000
/** A line that is slower than this is too slow for a client to live on. */
const slowestBytesPerMs = 32

const checkQuery = checker(syncContract.query, invalidParam)

/** What the first frame asks for. */
export type Asked = Omit<SyncRequest, 'timeoutMs' | 'signal'>

/** @throws as /sync does */
export async function readAsked(server: Homeserver, caller: Caller, members: JsonObject): Promise<Asked> {
  const { since, filter, use_state_after, set_presence } = members
  const given = Object.entries({ since, filter, use_state_after, set_presence })
  const query = checkQuery(Object.fromEntries(given.filter(([, value]) => value !== undefined)))
  return {
    since: query.since === undefined ? undefined : await readSyncToken(server.log.tail, query.since),
    filter: await namedFilter(server, caller.user, query.filter),
    fullState: false,
    stateAfter: query.use_state_after ? 'stable' : 'no',
  }
}

export interface BodiesParts {
  wire: Wire
  standing: Standing
  slowMs: number
}

export class Bodies {
  readonly #context: SocketContext
  readonly #parts: BodiesParts
  readonly #window = new Window(maxOnTheWay)
  #onRoom: (() => void) | undefined
  #slow: NodeJS.Timeout | undefined

  constructor(context: SocketContext, parts: BodiesParts) {
    this.#context = context
    this.#parts = parts
    parts.wire.signal.addEventListener('abort', () => {
      clearTimeout(this.#slow)
      this.#onRoom?.()
    })
  }

  /** Sends bodies until the socket ends. @throws when one cannot be made, or the token no longer holds */
  async run(asked: Asked): Promise<void> {
    const { server } = this.#context
    const { wire, standing } = this.#parts
    const { signal } = wire
    let { since } = asked
    let timeoutMs = 0
    while (!signal.aborted) {
      const reader = await this.#admitted()
      const { body, next } = await sync(server, reader, { ...asked, since, timeoutMs, signal })
      // It may have waited for long.
      await standing.authenticate(syncContract)
      if (signal.aborted) return
      this.#window.add(syncToken(next), Buffer.byteLength(body))
      if (this.#slow === undefined) this.#watchReader()
      await wire.sendBody(body)
      await this.#room()
      since = next
      timeoutMs = quietMs
    }
  }

  acknowledge(token: string): void {
    if (!this.#window.acknowledge(token)) return
    this.#watchReader()
    this.#onRoom?.()
  }

  /** Gives the reader time to acknowledge something, if there is something on the way. */
  #watchReader(): void {
    const { wire, slowMs } = this.#parts
    clearTimeout(this.#slow)
    this.#slow = undefined
    if (this.#window.isEmpty || wire.signal.aborted) return
    const limitMs = slowMs + this.#window.bytes / slowestBytesPerMs
    this.#slow = setTimeout(() => wire.close(closeCodes.slow), limitMs)
  }

  async #room(): Promise<void> {
    const { signal } = this.#parts.wire
    while (this.#window.isFull && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve
      })
    }
  }

  /** Beyond the rate of /sync, what happens is gathered into fewer bodies. */
  async #admitted(): Promise<Caller> {
    const { standing, wire } = this.#parts
    for (;;) {
      const caller = await standing.authenticate(syncContract)
      const waitMs = this.#overdrawnMs(caller)
      if (waitMs === 0) return caller
      await delay(waitMs, undefined, { signal: wire.signal })
    }
  }

  #overdrawnMs(caller: Caller): number {
    const { limit, origin } = this.#context
    try {
      limit({ rate: syncContract.rate, auth: syncContract.auth, caller, address: origin.address })
      return 0
    } catch (error) {
      const waitMs = error instanceof MatrixError && error.fields.retry_after_ms
      if (typeof waitMs !== 'number') throw error
      return waitMs
    }
  }
}
