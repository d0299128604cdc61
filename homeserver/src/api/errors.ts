import { type ErrorCode, invalidParam, MatrixError } from '@kith/spec/errors'
import type { JsonObject } from '@kith/spec/json'
import { ControlledByServer } from '../domain/account-data/account-data.ts'
import { AuthenticationNeeded } from '../domain/accounts/authentication-needed.ts'
import { RemoteError } from '../domain/federation/remote-error.ts'
import { Busy, Unsettled } from '../log/log.ts'
import { isDatabaseOutage, isDiskFull } from '../platform/database-outage.ts'
import { Overloaded } from '../platform/gate.ts'
import { OutgoingError } from '../platform/outgoing/outgoing-error.ts'
import { isUnstorableText } from '../platform/unstorable-text.ts'

/** Codes whose status is not 400. */
const statuses: Partial<Record<ErrorCode, number>> = {
  M_MISSING_TOKEN: 401,
  M_UNKNOWN_TOKEN: 401,
  M_UNAUTHORIZED: 401,
  M_USER_LOCKED: 401,
  M_FORBIDDEN: 403,
  M_GUEST_ACCESS_FORBIDDEN: 403,
  M_INVITE_BLOCKED: 403,
  M_USER_DEACTIVATED: 403,
  M_USER_SUSPENDED: 403,
  M_WRONG_ROOM_KEYS_VERSION: 403,
  M_CANNOT_LEAVE_SERVER_NOTICE_ROOM: 403,
  M_NOT_FOUND: 404,
  M_UNRECOGNIZED: 404,
  M_CANNOT_OVERWRITE_MEDIA: 409,
  M_TOO_LARGE: 413,
  M_LIMIT_EXCEEDED: 429,
  M_NOT_YET_UPLOADED: 504,
}

export interface ErrorAnswer {
  status: number
  body: JsonObject
  /** Milliseconds, for Retry-After. */
  retryAfterMs?: number
  /** Whether this is a bug or an outage, to be logged whole. */
  isOurs: boolean
}

/** The connection was closed before the request was complete: there is nobody to answer. */
export class RequestAborted extends Error {
  override name = 'RequestAborted'
}

/** The method does not exist on a path that does. */
export class MethodNotAllowed extends Error {
  override name = 'MethodNotAllowed'
  readonly allowed: readonly string[]
  constructor(allowed: readonly string[]) {
    super('This method is not supported here')
    this.allowed = allowed
  }
}

/** What a thrown value is on the wire. Nothing of an unexpected error's text is shown. */
export function errorAnswer(thrown: unknown, requestId: string): ErrorAnswer {
  const error = isUnstorableText(thrown) ? invalidParam('There is a NUL where there must be none') : thrown
  if (error instanceof ControlledByServer) {
    return { status: 405, body: { errcode: error.code, error: error.message }, isOurs: false }
  }
  if (error instanceof MatrixError) {
    const retryAfter = error.fields.retry_after_ms
    return {
      status: statuses[error.code] ?? 400,
      body: { errcode: error.code, error: error.message, ...error.fields },
      retryAfterMs: typeof retryAfter === 'number' ? retryAfter : undefined,
      isOurs: false,
    }
  }
  if (error instanceof AuthenticationNeeded) return { status: 401, body: error.body, isOurs: false }
  if (error instanceof MethodNotAllowed) {
    return { status: 405, body: { errcode: 'M_UNRECOGNIZED', error: error.message }, isOurs: false }
  }
  if (error instanceof RemoteError) return remote(error.message)
  if (error instanceof OutgoingError) return remote('The other server could not be reached')
  if (error instanceof Overloaded) return unavailable(503, error.retryAfterMs)
  if (error instanceof Busy || error instanceof Unsettled) return unavailable(503, 1000)
  return outage(error) ?? unexpected(requestId)
}

function unexpected(requestId: string): ErrorAnswer {
  const text = `Internal server error (request ${requestId})`
  return { status: 500, body: { errcode: 'M_UNKNOWN', error: text }, isOurs: true }
}

function remote(text: string): ErrorAnswer {
  return { status: 502, body: { errcode: 'M_UNKNOWN', error: text }, isOurs: false }
}

function unavailable(status: number, retryAfterMs: number): ErrorAnswer {
  const error = 'The server cannot answer at the moment'
  return {
    status,
    body: { errcode: 'M_UNKNOWN', error, retry_after_ms: retryAfterMs },
    retryAfterMs,
    isOurs: false,
  }
}

function outage(error: unknown): ErrorAnswer | undefined {
  if (!isDatabaseOutage(error)) return undefined
  return { ...unavailable(isDiskFull(error) ? 507 : 503, 2000), isOurs: true }
}
