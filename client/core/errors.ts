import type { JsonObject } from '@kith/spec/json'
import type { CommandFailure, ErrorKey } from './api.ts'

/** What a command rejects with. Its fields cross the worker's port; see `CommandFailure`. */
export class CommandError extends Error implements CommandFailure {
  override name = 'CommandError' as const
  readonly key: ErrorKey
  readonly errcode?: string
  readonly status?: number
  readonly retryAfterMs?: number
  /** With `M_UNKNOWN_TOKEN`: the device stays, the password is asked again. */
  readonly isSoftLogout: boolean
  /** The whole answer, as of interactive authentication. */
  readonly answer: JsonObject

  constructor(key: ErrorKey, message: string, details: ErrorDetails = {}) {
    super(message)
    this.key = key
    this.errcode = details.errcode
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
    this.answer = details.answer ?? {}
    this.isSoftLogout = this.answer.soft_logout === true
  }
}

interface ErrorDetails {
  errcode?: string
  status?: number
  retryAfterMs?: number
  answer?: JsonObject
}

const keys = new Map<string, ErrorKey>([
  ['M_FORBIDDEN', 'not-allowed'],
  ['M_GUEST_ACCESS_FORBIDDEN', 'not-allowed'],
  ['M_INVITE_BLOCKED', 'not-allowed'],
  ['M_BAD_STATE', 'not-allowed'],
  ['M_UNKNOWN_TOKEN', 'signed-out'],
  ['M_MISSING_TOKEN', 'signed-out'],
  ['M_USER_DEACTIVATED', 'account-closed'],
  ['M_USER_LOCKED', 'account-suspended'],
  ['M_USER_SUSPENDED', 'account-suspended'],
  ['M_LIMIT_EXCEEDED', 'rate-limited'],
  ['M_NOT_FOUND', 'not-found'],
  ['M_UNRECOGNIZED', 'not-found'],
  ['M_USER_IN_USE', 'name-taken'],
  ['M_EXCLUSIVE', 'name-taken'],
  ['M_INVALID_USERNAME', 'name-invalid'],
  ['M_WEAK_PASSWORD', 'password-weak'],
  ['M_ROOM_IN_USE', 'already-there'],
  ['M_TOO_LARGE', 'too-long'],
  ['M_UNSUPPORTED_ROOM_VERSION', 'room-unsupported'],
  ['M_INCOMPATIBLE_ROOM_VERSION', 'room-unsupported'],
  ['M_INVALID_PARAM', 'invalid-input'],
  ['M_MISSING_PARAM', 'invalid-input'],
  ['M_BAD_JSON', 'invalid-input'],
])

/** The error in an answer, whether it came by HTTP or over the socket. */
export function errorOfAnswer(status: number, answer: JsonObject): CommandError {
  const errcode = typeof answer.errcode === 'string' ? answer.errcode : undefined
  const message = typeof answer.error === 'string' ? answer.error : `HTTP ${status}`
  const retryAfterMs = typeof answer.retry_after_ms === 'number' ? answer.retry_after_ms : undefined
  const key = keys.get(errcode ?? '') ?? (status >= 500 ? 'server-trouble' : 'unknown')
  return new CommandError(key, message, { errcode, status, retryAfterMs, answer })
}

/** Gives an error a meaning that depends on what was asked, like a wrong password. */
export function withKey(error: unknown, meanings: Partial<Record<string, ErrorKey>>): unknown {
  if (!(error instanceof CommandError) || error.errcode === undefined) return error
  const key = meanings[error.errcode]
  if (key === undefined) return error
  const { errcode, status, retryAfterMs, answer } = error
  return new CommandError(key, error.message, { errcode, status, retryAfterMs, answer })
}

/** Whether the same request may succeed later: the network or the server is away, or it asks for patience. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof CommandError)) return false
  const { key, status = 0 } = error
  return key === 'offline' || key === 'timeout' || key === 'rate-limited' || status === 429 || status >= 500
}

export function isSignedOut({ errcode }: CommandError): boolean {
  return errcode === 'M_UNKNOWN_TOKEN'
}

/** What crosses a port, or stays with a message that failed. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandError) {
    const { name, key, errcode, message, status, retryAfterMs } = error
    return { name, key, errcode, message, status, retryAfterMs }
  }
  return {
    name: 'CommandError',
    key: 'unknown',
    message: error instanceof Error ? error.message : String(error),
  }
}

/** For what is a bug, or a store that fails: nobody waits for it, but it must be seen. */
export function raise(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
