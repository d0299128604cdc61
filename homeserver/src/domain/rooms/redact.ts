import { MatrixError } from '@kith/spec/errors'
import type { Caller } from '../accounts/caller.ts'
import type { Homeserver } from '../homeserver.ts'
import { sendEvent } from './send.ts'

export interface Redaction {
  roomId: string
  /** The event to redact. */
  eventId: string
  reason?: string
  transactionId: string
}

/**
 * Redacts an event of a room. Somebody who is suspended may still take back what they said themselves.
 *
 * @returns the redaction's own event ID @throws as `sendEvent` does; M_USER_SUSPENDED
 * Source: client-server API, "Account suspension".
 */
export async function redact(server: Homeserver, caller: Caller, redaction: Redaction): Promise<string> {
  const { roomId, eventId, reason, transactionId } = redaction
  if (caller.isSuspended && (await server.events.one(eventId))?.pdu.sender !== caller.userId) {
    throw new MatrixError(
      'M_USER_SUSPENDED',
      'While your account is suspended you can redact only your own events',
    )
  }
  return await sendEvent(server, caller, {
    roomId,
    type: 'm.room.redaction',
    content: reason === undefined ? {} : { reason },
    redacts: eventId,
    transactionId,
  })
}
