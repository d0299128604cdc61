import type { Homeserver } from '../../domain/homeserver.ts'
import type { Origin } from '../client-address.ts'
import { type ErrorAnswer, errorAnswer } from '../errors.ts'
import type { RateLimiter } from '../rate-limits.ts'

/** What the parts of one connection share. */
export interface SocketContext {
  server: Homeserver
  /** Where the client is. */
  origin: Origin
  limit: RateLimiter
  nextId: () => string
}

/** What an error is on the wire; ours are logged whole. */
export function answerOf(
  { server, nextId }: SocketContext,
  error: unknown,
  requestId = nextId(),
): ErrorAnswer {
  const answer = errorAnswer(error, requestId)
  if (answer.isOurs) server.logger.error({ err: error, requestId }, 'a socket failed unexpectedly')
  return answer
}
