import type { SyncResponse } from '@kith/spec/api/sync'
import type { JsonObject } from '@kith/spec/json'
import type { Access } from '../http.ts'

export interface TransportHost {
  access: Access
  /** The token to go on from; asked before every step. */
  since(): string | undefined
  /** Stores a body. The next one waits for it. */
  apply(body: SyncResponse): Promise<void>
  /** Called with the first body, which shows that all is up to date. */
  onLive(): void
  signal: AbortSignal
}

export type SocketRequest = { method: 'send' | 'typing' | 'receipt' } & JsonObject

/** A way to follow the account. */
export interface Transport {
  readonly kind: 'websocket' | 'long-poll'
  /** Follows until it breaks: always rejects. @throws CommandError, or the signal's reason */
  run(host: TransportHost): Promise<never>
  /**
   * Makes a request on the same connection.
   *
   * @returns undefined where it cannot: HTTP is used then. Rejects with CommandError
   */
  request?(request: SocketRequest): Promise<JsonObject> | undefined
}

/** Members are loaded lazily; presence is not shown. */
export const syncFilter = JSON.stringify({
  presence: { not_types: ['*'] },
  room: {
    state: { lazy_load_members: true },
    timeline: { lazy_load_members: true, limit: 30 },
  },
})
