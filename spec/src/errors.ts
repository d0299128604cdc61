import type { JsonObject } from './json.ts'

/** Every error code of the specification, and `M_UNKNOWN_POS` of simplified sliding sync (MSC4186). */
export type ErrorCode =
  | 'M_APPSERVICE_LOGIN_UNSUPPORTED'
  | 'M_BAD_ALIAS'
  | 'M_BAD_JSON'
  | 'M_BAD_STATE'
  | 'M_BAD_STATUS'
  | 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM'
  | 'M_CANNOT_OVERWRITE_MEDIA'
  | 'M_CAPTCHA_INVALID'
  | 'M_CAPTCHA_NEEDED'
  | 'M_CONNECTION_FAILED'
  | 'M_CONNECTION_TIMEOUT'
  | 'M_DUPLICATE_ANNOTATION'
  | 'M_EMAIL_SEND_ERROR'
  | 'M_EXCLUSIVE'
  | 'M_FORBIDDEN'
  | 'M_GUEST_ACCESS_FORBIDDEN'
  | 'M_INCOMPATIBLE_ROOM_VERSION'
  | 'M_INVALID_ADDRESS'
  | 'M_INVALID_EMAIL'
  | 'M_INVALID_PARAM'
  | 'M_INVALID_ROOM_STATE'
  | 'M_INVALID_SIGNATURE'
  | 'M_INVALID_USERNAME'
  | 'M_INVITE_BLOCKED'
  | 'M_KEY_TOO_LARGE'
  | 'M_LIMIT_EXCEEDED'
  | 'M_MISSING_PARAM'
  | 'M_MISSING_PARAMS'
  | 'M_MISSING_TOKEN'
  | 'M_NOT_FOUND'
  | 'M_NOT_JSON'
  | 'M_NOT_YET_UPLOADED'
  | 'M_NO_VALID_SESSION'
  | 'M_PROFILE_TOO_LARGE'
  | 'M_RESOURCE_LIMIT_EXCEEDED'
  | 'M_ROOM_IN_USE'
  | 'M_SEND_ERROR'
  | 'M_SERVER_NOT_TRUSTED'
  | 'M_SESSION_EXPIRED'
  | 'M_SESSION_NOT_VALIDATED'
  | 'M_TERMS_NOT_SIGNED'
  | 'M_THREEPID_AUTH_FAILED'
  | 'M_THREEPID_DENIED'
  | 'M_THREEPID_IN_USE'
  | 'M_THREEPID_MEDIUM_NOT_SUPPORTED'
  | 'M_THREEPID_NOT_FOUND'
  | 'M_TOO_LARGE'
  | 'M_UNABLE_TO_AUTHORISE_JOIN'
  | 'M_UNABLE_TO_GRANT_JOIN'
  | 'M_UNAUTHORIZED'
  | 'M_UNKNOWN'
  | 'M_UNKNOWN_DEVICE'
  | 'M_UNKNOWN_POS'
  | 'M_UNKNOWN_TOKEN'
  | 'M_UNRECOGNIZED'
  | 'M_UNSUPPORTED_ROOM_VERSION'
  | 'M_URL_NOT_SET'
  | 'M_USER_DEACTIVATED'
  | 'M_USER_IN_USE'
  | 'M_USER_LIMIT_EXCEEDED'
  | 'M_USER_LOCKED'
  | 'M_USER_SUSPENDED'
  | 'M_WEAK_PASSWORD'
  | 'M_WRONG_ROOM_KEYS_VERSION'

/** An answer of the protocol. `fields` are added to the body beside `errcode` and `error`. */
export class MatrixError extends Error {
  override name = 'MatrixError'
  readonly code: ErrorCode
  readonly fields: JsonObject
  constructor(code: ErrorCode, message: string, fields: JsonObject = {}) {
    super(message)
    this.code = code
    this.fields = fields
  }
}

export const forbidden = (why: string) => new MatrixError('M_FORBIDDEN', why)
export const notFound = (what: string) => new MatrixError('M_NOT_FOUND', what)
export const notJson = (why: string) => new MatrixError('M_NOT_JSON', why)
export const badJson = (why: string) => new MatrixError('M_BAD_JSON', why)
export const invalidParam = (why: string) => new MatrixError('M_INVALID_PARAM', why)
export const missingParam = (what: string) => new MatrixError('M_MISSING_PARAM', what)
export const tooLarge = (why: string) => new MatrixError('M_TOO_LARGE', why)
export const unknown = (why: string) => new MatrixError('M_UNKNOWN', why)
export const unauthorized = (why: string) => new MatrixError('M_UNAUTHORIZED', why)
export const unrecognized = (why = 'Unrecognized request') => new MatrixError('M_UNRECOGNIZED', why)
export const missingToken = () => new MatrixError('M_MISSING_TOKEN', 'Missing access token')

/** @param softLogout whether the client may log in again and keep its device and keys */
export const unknownToken = (why = 'Unknown access token', softLogout = false) =>
  new MatrixError('M_UNKNOWN_TOKEN', why, { soft_logout: softLogout })

export const limitExceeded = (retryAfterMs: number) =>
  new MatrixError('M_LIMIT_EXCEEDED', 'Too many requests', { retry_after_ms: retryAfterMs })

export const unsupportedRoomVersion = (version: string) =>
  new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `Room version ${version} is not supported`)

/** Refuses a join: this server does not know the room's version. */
export const incompatibleRoomVersion = (version: string) =>
  new MatrixError('M_INCOMPATIBLE_ROOM_VERSION', `Room version ${version} is not supported`, {
    room_version: version,
  })
