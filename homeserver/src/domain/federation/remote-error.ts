export interface RemoteFailure {
  /** Absent when there was no answer: unreachable, over a limit, or lately so and not tried again. */
  status?: number
  /** As the other server put it. */
  errcode?: string
  retryAfterMs?: number
  /** With M_INCOMPATIBLE_ROOM_VERSION: what the room is. */
  roomVersion?: string
  cause?: unknown
}

/** Another server did not do what it was asked. The message may be shown to users: it names nothing internal. */
export class RemoteError extends Error {
  override name = 'RemoteError'
  readonly destination: string
  readonly status: number | undefined
  readonly errcode: string | undefined
  /** Milliseconds after which it makes sense to try again, where known. */
  readonly retryAfterMs: number | undefined
  readonly roomVersion: string | undefined

  constructor(destination: string, message: string, failure: RemoteFailure = {}) {
    super(`${destination}: ${message}`, { cause: failure.cause })
    this.destination = destination
    this.status = failure.status
    this.errcode = failure.errcode
    this.retryAfterMs = failure.retryAfterMs
    this.roomVersion = failure.roomVersion
  }
}
