/** Who makes a request: a user on one of his devices. */
export interface Caller {
  userId: string
  /** The user's interned number. */
  user: number
  deviceId: string
  sessionId: number
  isAdmin: boolean
  isLocked: boolean
  isSuspended: boolean
  /** When the access token stops working, in milliseconds since 1970. */
  expiresAt?: number
  /** Present when an application service acts for the user. */
  appservice?: { id: string; isRateLimited: boolean }
}
